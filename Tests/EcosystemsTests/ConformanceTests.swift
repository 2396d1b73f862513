import Core
import Ecosystems
import Testing

/// What every ecosystem must keep, whichever it is. A new one is covered the moment it is in the catalog.
@Suite struct ConformanceTests {
    static let types = Catalog.all.map(\.type)

    private func ecosystem(_ type: String) throws -> any Ecosystem {
        try #require(Catalog.all.first { $0.type == type })
    }

    /// A place where this ecosystem's requests may go.
    private func origin(_ ecosystem: any Ecosystem) -> Origin {
        ecosystem.defaultOrigin ?? Origin(.https, ecosystem.hosts.first ?? "files.example")
    }

    @Test func typesAndHostsAreUnique() {
        #expect(Set(Self.types).count == Self.types.count)
        let hosts = Catalog.all.flatMap(\.hosts)
        #expect(Set(hosts).count == hosts.count)
        #expect(hosts.allSatisfy { $0 == $0.lowercased() })
    }

    @Test func offersRequestsToGenericLast() { #expect(Catalog.all.last?.type == "generic") }

    @Test(arguments: types)
    func hasADefaultOriginAmongItsHosts(type: String) throws {
        let ecosystem = try ecosystem(type)
        guard let origin = ecosystem.defaultOrigin else { return }
        #expect(ecosystem.hosts.contains(origin.host))
    }

    @Test(arguments: types, ["/%2e%2e/etc/passwd", "/simple/%2e%2e%2fx/", "/a/..%2f..%2fb", "/a/%5c..%5cb"])
    func neverSeesADotSegment(type: String, path: String) throws {
        let origin = origin(try ecosystem(type))
        #expect(throws: Malformed.self) { try HTTPURL(origin: origin, target: path) }
    }

    @Test(arguments: types)
    func readsEveryMethodWithoutCrashing(type: String) throws {
        let ecosystem = try ecosystem(type)
        var noise = Noise(seed: 1)
        let words = [
            "simple", "+simple", "pypi", "json", "-", "@scope", "%40scope", "%2f", "dists", "pool", "InRelease",
            "a-1.0.tar.gz",
            "config.json", "3", "se", "rd", "serde", "1.0.0", "download", "api", "v1", "crates", "a-1.0.0.crate",
            "a-1.0.tgz", "x_1_amd64.deb", "by-hash", "%00", "%C3%BC", "", "~", "1!2.0+x",
            String(repeating: "n", count: 5_000),
        ]
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "", "get", "\u{0}"] {
            for _ in 0..<200 {
                let path = "/" + (0..<(noise.next() % 6)).map { _ in noise.pick(words) }.joined(separator: "/")
                guard let url = try? HTTPURL(origin: origin(ecosystem), target: path) else { continue }
                let request = Request(method: method, url: url, accept: noise.pick(["", "*/*", "a;q=x,,;"]))
                _ = try? ecosystem.intent(of: request)
                _ = ecosystem.candidates(forFile: url.file, at: url)
                _ = ecosystem.ignorableAnswer(to: request)
            }
        }
    }

    @Test(arguments: types)
    func refusesOrReadsNoiseAndNeverCrashes(type: String) throws {
        let ecosystem = try ecosystem(type)
        let request = Request(url: try HTTPURL(origin: origin(ecosystem), target: "/simple/x/"))
        var noise = Noise(seed: 2)
        let scopes: [IndexScope] = [.package(Purl(type: type, name: "x")), .repository("dists/stable/main")]
        for size in 0..<200 {
            for contentType in ["application/json", "text/html", "text/plain", ""] {
                let document = Document(noise.bytes(size), contentType: contentType, url: request.url)
                for scope in scopes {
                    _ = try? ecosystem.readIndex(document, companions: [document], for: request, scope: scope)
                    let view = IndexView(keeps: { _, _ in false })
                    _ = try? ecosystem.writeIndex(document, for: request, scope: scope, view: view)
                    _ = ecosystem.companions(of: document, for: request, scope: scope)
                }
                for name in ecosystem.lockfileNames { _ = try? ecosystem.pins(in: document.bytes, named: name) }
            }
        }
    }

    @Test(arguments: types)
    func ordersVersionsInOneWay(type: String) throws {
        let ecosystem = try ecosystem(type)
        let versions = [
            "1.0", "1.0.0", "2", "1.0rc1", "1:0.1", "1.0~x", "0", "1.0-1", "", "x", "99999999999999999999.1",
        ]
        for a in versions {
            _ = ecosystem.isPrerelease(a)
            for b in versions {
                guard let order = ecosystem.compare(a, b) else { continue }
                #expect(ecosystem.compare(b, a).map { $0.signum() } == -order.signum(), "\(a) \(b)")
            }
        }
    }

    @Test(arguments: types)
    func saysWhatItVerifiesAndKnows(type: String) throws {
        let profile = try ecosystem(type).profile
        #expect(!profile.claims.isEmpty && !profile.facts.isEmpty)
        // Each becomes a cell of a table.
        let texts = profile.clients + profile.limits + [profile.claims, profile.facts]
        #expect(texts.allSatisfy { !$0.contains("|") && !$0.contains("\n") })
    }

    @Test(arguments: types)
    func showsItsProblemsToPeople(type: String) throws {
        let problem = Problem(
            .policyDenied,
            subject: "pkg:\(type)/x@1\"<&>",
            summary: "is too young",
            remedy: "wait until tomorrow",
            rule: "min_age"
        )
        let text = String(decoding: try ecosystem(type).document(for: problem).bytes, as: UTF8.self)
        #expect(text.contains("min_age") || text.contains("too young"))
    }

    @Test(arguments: types, [Endpoint.Mode.intercept, .registry])
    func pointsClientsAtTheSessionAlone(type: String, mode: Endpoint.Mode) throws {
        let endpoint = Endpoint(
            mode: mode,
            host: "127.0.0.1",
            port: 4711,
            secret: "s3cr3t",
            folder: "/session",
            environment: ["PATH": "/bin", "NO_PROXY": "*"],
            clients: ["pip", "uv", "npm", "apt-get", "wget", "curl", "node"]
        )
        let settings = try ecosystem(type).clientSettings(for: endpoint)
        #expect(Set(settings.files.map(\.name)).count == settings.files.count)
        for file in settings.files { #expect(!file.name.contains("/") && !file.name.hasPrefix(".")) }
        #expect(settings.environment.keys.allSatisfy { !$0.isEmpty && !$0.contains("=") })
        #expect(settings.environment["NO_PROXY"]?.contains("*") != true)
    }
}
