import Core
import Ecosystems
import Testing

/// Names that climb, hide, look alike or never end: in every ecosystem, on every route. The key that is judged is the key
/// that is asked for, or there is no key at all.
@Suite struct HostileNameTests {
    /// Routes of each type with the place of a name; from the layouts of private registries, and the odd ones.
    private static func routes(_ type: String) -> [String] {
        guard let layout = PrivateLayoutTests.layouts[type] else { return [] }
        let own = [layout.index, layout.file].filter { !$0.isEmpty }.map { "/" + $0 }
        let more: [String: [String]] = [
            "pypi": ["/pypi/demo/json", "/pypi/demo/1.0/json"],
            "npm": ["/demo", "/demo/-/demo-1.0.0.tgz", "/demo/1.0.0"],
            "oci": ["/v2/demo/app/manifests/latest", "/v2/demo/app/tags/list"],
            "maven": ["/maven2/com/demo/lib/1.0/lib-1.0.pom.sha1"], "cargo": ["/api/v1/crates/demo/1.0.0/download"],
            "golang": ["/sumdb/sum.golang.org/lookup/git.demo.example/lib@v1.0.0"],
            "nuget": ["/v3/registration5-gz-semver2/demo.core/index.json"], "gem": ["/api/v1/versions/demo.json"],
            "pub": ["/api/packages/demo/versions/1.0.0"], "hex": ["/repos/demo/packages/lib"],
            "terraform": ["/v1/modules/demo/vpc/aws/versions"], "swift": ["/demo/lib/1.0.0/Package.swift"],
        ]
        return (type == "oci" ? [] : own) + (more[type] ?? [])
    }

    /// What stands in the name's place, as it stands on the wire.
    static let hostile = [
        "..", ".", "%2e%2e", "%2E%2E", "..%2f..%2fetc", "..%2F", "a%2fb", "a%252fb", "%252e%252e", "..%5c", "a%5Cb",
        "a%00b",
        "%00", "a%0ab", "a%0d%0ab", "a%1bb", "a%7fb", "%C3%BCber", "d%D0%B5mo", "d%EF%BC%85mo", "demo%E2%80%8B",
        "%E2%80%AEdemo",
        "demo%20", "%20demo", "a%23b", "a%3fb", "%ff%fe", "a;b", "a@b@c", "-demo", "_demo",
        String(repeating: "n", count: 10_000), String(repeating: "n/", count: 5_000) + "n",
        String(repeating: "%6e", count: 4_000),
    ]

    private func purls(_ intent: Intent?) -> [Purl] {
        switch intent {
        case .index(.package(let purl)): [purl]
        case .artifact(let name): name.release.map { [$0] } ?? []
        case .sidecar(let release, _): release.map { [$0] } ?? []
        case .publish(let purl), .tag(let purl), .yank(let purl): purl.map { [$0] } ?? []
        default: []
        }
    }

    /// No part climbs, hides a separator or holds what does not print.
    private func isPlain(_ purl: Purl) -> Bool {
        let parts = (purl.namespace ?? "").split(separator: "/") + purl.name.split(separator: "/")
        let areParts = parts.allSatisfy { $0 != ".." && $0 != "." && $0.utf8.count <= 1_000 }
        let text = purl.path + (purl.version ?? "")
        return areParts && !parts.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            && !text.contains("\\") && !text.contains("%")
    }

    @Test(arguments: Catalog.all.map(\.type), hostile)
    func aHostileNameIsRefusedOrPlain(type: String, name: String) throws {
        let ecosystem = try #require(Catalog.all.first { $0.type == type })
        let origin = ecosystem.defaultOrigin ?? Origin(.https, ecosystem.hosts.first ?? "corp.example")
        for route in Self.routes(type) {
            for method in ["GET", "HEAD", "PUT", "POST", "DELETE"] {
                let target = route.replacing("demo", with: name)
                // Dot segments, NUL, control bytes and broken escapes have no URL at all.
                guard let url = try? HTTPURL(origin: origin, target: target) else { continue }
                guard let intent = try? ecosystem.intent(of: Request(method: method, url: url)) else { continue }
                for purl in purls(intent) {
                    #expect(isPlain(purl), "\(type) \(method) \(target.prefix(120)) \(purl.description.prefix(200))")
                }
                if case .artifact(let found) = intent {
                    // A file's name is shown and recorded, and never a place: a separator that was encoded may stand in it.
                    let isFile = !found.file.isEmpty && !found.file.split(separator: "/").contains("..")
                    #expect(isFile && !found.file.contains("\0"), "\(target.prefix(120)) \(found.file.prefix(80))")
                }
            }
            let file = String(route.split(separator: "/").last ?? "").replacing("demo", with: name)
            if let url = try? HTTPURL(origin: origin, target: "/x"), let decoded = PercentEncoding.decode(file) {
                for purl in ecosystem.candidates(forFile: decoded, at: url) where type != "generic" {
                    #expect(isPlain(purl), "\(type) \(file.prefix(80)) \(purl.description.prefix(200))")
                }
            }
        }
    }

    /// The name in the key is the name in the address: no spelling is judged as one package and asked for as another.
    @Test(arguments: Catalog.all.map(\.type))
    func theKeyJudgedIsTheKeyServed(type: String) throws {
        let ecosystem = try #require(Catalog.all.first { $0.type == type })
        let origin = ecosystem.defaultOrigin ?? Origin(.https, ecosystem.hosts.first ?? "corp.example")
        for route in Self.routes(type) {
            for name in ["demo", "de%6Do", "DEMO", "Demo", "demo.x", "de-mo", "de_mo", "de--mo", "demo2"] {
                let target = route.replacing("demo", with: name)
                guard let url = try? HTTPURL(origin: origin, target: target),
                    let intent = try? ecosystem.intent(of: Request(url: url))
                else { continue }
                let asked = Purl.registryKey(type: type, path: url.segments.joined(separator: "/"))
                for purl in purls(intent) {
                    // Capitals of Go stand behind `!`, a group of Maven lies in folders.
                    let key = purl.registryKey.drop { $0 != "/" }.dropFirst()
                    let parts = key.split { "/.".contains($0) }.filter {
                        $0 != "docker" && $0 != "io" && $0 != "registry"
                    }
                    let missing = parts.filter { !asked.lowercased().contains($0.lowercased()) }
                    #expect(missing.allSatisfy { origin.host.contains($0) }, "\(target) \(purl)")
                }
            }
        }
    }

    /// Two spellings that differ in case are two packages where the registry says so, else one key.
    @Test(arguments: Catalog.all.map(\.type))
    func caseCollisionsFollowTheRegistry(type: String) throws {
        let ecosystem = try #require(Catalog.all.first { $0.type == type })
        let origin = ecosystem.defaultOrigin ?? Origin(.https, ecosystem.hosts.first ?? "corp.example")
        let caseless: Set<String> = ["pypi", "composer", "nuget", "terraform", "pub", "oci", "git", "deb", "swift"]
        for route in Self.routes(type) {
            let keys = ["demo", "DEMO"].map { name -> Set<String> in
                guard let url = try? HTTPURL(origin: origin, target: route.replacing("demo", with: name)),
                    let intent = try? ecosystem.intent(of: Request(url: url))
                else { return [] }
                return Set(purls(intent).map(\.registryKey))
            }
            guard keys.allSatisfy({ !$0.isEmpty }) else { continue }
            #expect((keys[0] == keys[1]) == caseless.contains(type), "\(route) \(keys)")
        }
    }

    /// A letter of another script is no letter of ours.
    @Test(arguments: Catalog.all.map(\.type))
    func lookAlikesAreOtherNames(type: String) throws {
        let ecosystem = try #require(Catalog.all.first { $0.type == type })
        let origin = ecosystem.defaultOrigin ?? Origin(.https, ecosystem.hosts.first ?? "corp.example")
        for route in Self.routes(type) {
            guard let plain = try? ecosystem.intent(of: Request(url: HTTPURL(origin: origin, target: route))) else {
                continue
            }
            for name in ["d%D0%B5mo", "dem%D0%BE", "%EF%BD%84emo", "demo%E2%80%8B"] {
                guard let url = try? HTTPURL(origin: origin, target: route.replacing("demo", with: name)) else {
                    continue
                }
                let odd = try? ecosystem.intent(of: Request(url: url))
                let keys = Set(purls(plain).map(\.registryKey))
                #expect(keys.isDisjoint(with: purls(odd).map(\.registryKey)), "\(url)")
            }
        }
    }
}
