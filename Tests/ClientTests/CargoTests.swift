import Core
import Kernel
import Manifest
import TestKit
import Testing

/// cargo on a sparse index, with its lockfile and without.
@Suite("cargo through the agent", .enabled(if: Client.isHere("cargo", "rustc"), "cargo is not on PATH"))
struct CargoTests {
    private let again = "rm -rf \"$CARGO_HOME/registry\" &&"
    private let path = "/crates/crates/demo"

    /// `demo` in an old version and a new one, and a project that takes any.
    private func prepare(_ shop: Workshop, young: Bool = false) throws {
        let kind = Package.Kind.cargo
        let listed = ["1.0.0", "1.1.0"].map { version in
            let published = young && version == "1.1.0" ? Moment.anHourAgo : Moment.old
            return Listed(version, published: published, bytes: Package.bytes(kind, "demo", version, 900))
        }
        for one in listed { Package.make(kind, "demo", one, listed).serve(on: shop.fake) }
        let settings = "{\"dl\":\"https://static.crates.io/crates\",\"api\":\"https://crates.io\"}"
        shop.fake.serve("/cargo/config.json", FakeAnswer(settings, type: "application/json"))
        let manifest =
            "[package]\nname = \"job\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\ndemo = \"1\"\n"
        try shop.write(manifest, "Cargo.toml")
        try Files.makeFolder(shop.scratch("job/src"))
        try shop.write("fn main() { println!(\"demo {}\", demo::VERSION); }\n", "src/main.rs")
    }

    @Test(arguments: ["auto", "registry"])
    func `A build and a locked one leave a clean lockfile and ask each crate once`(_ intercept: String) async throws {
        let shop = try await Workshop.open()
        try prepare(shop)
        try shop.policy()
        let first = try await shop.run("cargo run -q", ["--intercept", intercept])
        #expect(first.status == 0 && first.output.contains("demo 1.1.0"), "\(first.text)")
        #expect(try shop.purls() == ["pkg:cargo/demo@1.1.0"])
        let lock = try shop.read("Cargo.lock")
        #expect(lock.contains("registry+https://github.com/rust-lang/crates.io-index") && !lock.contains("127.0.0.1"))
        let locked = ["--intercept", intercept, "--locked"]
        let second = try await shop.run("\(again) cargo fetch --locked", locked)
        #expect(second.status == 0, "\(second.text)")
        #expect(shop.fake.count("\(path)/1.1.0/download") == 1)
        #expect(try shop.read("Cargo.lock") == lock)
        await shop.fake.stop()
        let offline = try await shop.run("\(again) cargo fetch --locked", ["--offline"])
        #expect(offline.status == 0, "\(offline.text)")
        let input = try #require(try shop.manifest().inputs.first)
        #expect(Set(input.claimed.map(\.by)).isSuperset(of: ["index", "Cargo.lock"]), "\(input.claimed)")
    }

    @Test func `A young release is passed over, and refused in cargo's own words where the lockfile names it`()
        async throws
    {
        let shop = try await Workshop.open()
        try prepare(shop, young: true)
        #expect(try await shop.run("cargo fetch").status == 0)
        let lock = try shop.read("Cargo.lock")
        #expect(lock.contains("1.1.0"))
        try shop.policy()
        let refused = try await shop.run("\(again) cargo fetch --locked")
        #expect(refused.status == 101, "\(refused.text)")
        #expect(refused.errors.contains("got 403"), "\(refused.text)")
        #expect(refused.errors.contains("policy.denied (rule min_age): pkg:cargo/demo@1.1.0 is 1 h old"))
        #expect(refused.errors.contains("wait until "), "\(refused.text)")
        #expect(try shop.read("Cargo.lock") == lock)
        let older = try await shop.run("\(again) rm Cargo.lock && cargo run -q")
        #expect(older.status == 0 && older.output.contains("demo 1.0.0"), "\(older.text)")
    }

    @Test func `A crate that is not what the index promised never reaches cargo`() async throws {
        let shop = try await Workshop.open()
        try prepare(shop)
        let bytes = Package.bytes(.cargo, "demo", "1.1.0", 900)
        shop.fake.serve("\(path)/1.1.0/download", FakeAnswer(bytes).with(.flip))
        let ending = try await shop.run("cargo fetch")
        #expect(ending.status == 101)
        #expect(ending.errors.contains("integrity.mismatch"), "\(ending.text)")
        #expect(try shop.purls().isEmpty)
    }
}
