import Kernel
import TestKit
import Testing

/// The processes that hold a seal, which are copies of the agent.
@Suite(
    "The copies that hold a seal",
    .serialized,
    .enabled(if: Seals.areAllowed, "user namespaces are not allowed here")
)
struct SealCopiesTests {
    private let sealed = ["--isolation", "seal"]

    @Test func `The process that holds the seal keeps nothing that the agent was told`() async throws {
        let shop = try await Workshop.open()
        let ending = try await shop.run(
            "tr '\\0' '\\n' </proc/1/environ; tr '\\0' '\\n' </proc/1/cmdline >/dev/null && echo seen",
            sealed,
            environment: ["PURSER_TOKEN": "purser-canary-token"]
        )
        #expect(ending.status == 0 && ending.output.contains("seen"), "\(ending.text)")
        #expect(!ending.text.contains("purser-canary-token"))
    }

    @Test func `Other sessions may end while a seal is made`() async throws {
        let shop = try await Workshop.open()
        let folder = shop.scratch("tmp/purser-0123456789abcdef00")
        async let churn = shop.plain(
            "while [ ! -e done ]; do for n in 1 2 3 4 5 6 7 8; do mkdir \(folder.dropLast())$n; done; rmdir \(folder.dropLast())?; done"
        )
        var statuses: [Int32] = []
        for _ in 0..<6 { statuses.append(try await shop.run("true", sealed).status) }
        try shop.write("", "done")
        _ = try await churn
        #expect(statuses == [0, 0, 0, 0, 0, 0])
    }
}
