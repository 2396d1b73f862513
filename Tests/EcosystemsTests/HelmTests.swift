import Core
import Ecosystems
import Testing

/// Chart repositories: their index, their files, their locks.
@Suite struct HelmTests {
    private let helm = Helm()
    private static let digest = String(repeating: "ab", count: 32)
    private static let index = """
        apiVersion: v1
        entries:
          nginx:
          - apiVersion: v2
            name: nginx
            version: 1.10.0
            appVersion: 1.10
            created: "2026-11-17T08:00:00.123456789Z"
            digest: \(digest)
            deprecated: true
            annotations:
              artifacthub.io/license: Apache-2.0
            urls:
            - charts/nginx-1.10.0.tgz
          - name: nginx
            version: 1.9.0
            urls:
            - https://cdn.test/nginx-1.9.0.tgz
          liar:
          - name: nginx
            version: 1.8.0
            urls: [nginx-1.8.0.tgz]
        generated: "2026-11-18T08:00:00Z"
        """

    private func request(_ target: String) throws -> Request {
        Request(url: try HTTPURL("https://charts.helm.sh\(target)"))
    }

    private func document(_ text: String = index) throws -> Document {
        Document(Array(text.utf8), contentType: "text/yaml", url: try request("/stable/index.yaml").url)
    }

    private func read(_ text: String) throws -> [Release] {
        let request = try request("/stable/index.yaml")
        return try helm.readIndex(document(text), companions: [], for: request, scope: .repository("x")).releases
    }

    @Test func readsAnIndex() throws {
        let releases = try read(Self.index)
        let place = "repository_url=https:%2F%2Fcharts.helm.sh%2Fstable"
        #expect(
            releases.map(\.purl.description) == ["pkg:helm/nginx@1.10.0?\(place)", "pkg:helm/nginx@1.9.0?\(place)"]
        )
        let first = releases[0]
        #expect(first.published?.basis == .authorTime && first.published?.time.day == "2026-11-17")
        #expect(first.deprecated != nil && first.license == "Apache-2.0")
        #expect(first.artifacts[0].url?.description == "https://charts.helm.sh/stable/charts/nginx-1.10.0.tgz")
        #expect(first.artifacts[0].digests.map(\.description) == ["sha256:\(Self.digest)"])
        #expect(releases[1].artifacts[0].url?.origin.host == "cdn.test")
        #expect(releases[1].published == nil)
    }

    @Test func readsVersionsAsTheyAreWritten() throws {
        let request = try request("/stable/index.yaml")
        let view = IndexView(keeps: { release, _ in release.purl.version == "1.10.0" })
        let written = try helm.writeIndex(document(), for: request, scope: .repository("x"), view: view)
        #expect(String(decoding: written.bytes, as: UTF8.self).contains(#""appVersion":"1.10""#))
    }

    @Test func hidesARefusedChart() throws {
        let request = try request("/stable/index.yaml")
        let all = IndexView(keeps: { _, _ in true })
        let clean = Self.index.split(separator: "  liar:")[0] + "generated: x\n"
        let same = try helm.writeIndex(document(String(clean)), for: request, scope: .repository("x"), view: all)
        #expect(same.bytes == Array(clean.utf8))
        let view = IndexView(keeps: { release, _ in release.purl.version != "1.10.0" }, link: { "L\($0.path)" })
        let written = try helm.writeIndex(document(), for: request, scope: .repository("x"), view: view)
        let text = String(decoding: written.bytes, as: UTF8.self)
        #expect(text.contains(#""urls":["L/nginx-1.9.0.tgz"]"#) && !text.contains("1.10.0") && !text.contains("liar"))
        #expect(try read(text.replacing("L/nginx", with: "nginx")).map(\.purl.version) == ["1.9.0"])
        let none = try helm.writeIndex(
            document(),
            for: request,
            scope: .repository("x"),
            view: IndexView(keeps: { _, _ in false })
        )
        #expect(try read(String(decoding: none.bytes, as: UTF8.self)).isEmpty)
    }

    @Test func hidesAChartFromAWholeIndex() throws {
        let request = try request("/stable/index.yaml")
        let document = Document(try Fixture.bytes("helm/index.yaml"), contentType: "text/yaml", url: request.url)
        let scope = IndexScope.repository("x")
        let releases = try helm.readIndex(document, companions: [], for: request, scope: scope).releases
        #expect(
            releases.map { "\($0.purl.name) \($0.purl.version ?? "")" }.sorted() == [
                "common 2.13.3", "nginx 1.10.0", "nginx 1.9.0",
            ]
        )
        #expect(releases.first { $0.purl.version == "1.9.0" }?.deprecated != nil)
        let view = IndexView(keeps: { release, _ in release.purl.version != "1.10.0" })
        let written = try helm.writeIndex(document, for: request, scope: scope, view: view)
        try Fixture.expect(written.bytes, equals: "helm/index.without-1.10.0.json")
    }

    @Test func namesAChartByItsFile() throws {
        func release(_ file: String) throws -> String? {
            guard case .artifact(let name)? = try helm.intent(of: request("/stable/\(file)")) else { return "none" }
            return name.release.map { "\($0.name) \($0.version ?? "")" }
        }
        #expect(try release("nginx-ingress-1.2.3.tgz") == "nginx-ingress 1.2.3")
        #expect(try release("demo-v1.2.3-rc.1.tgz") == "demo v1.2.3-rc.1")
        #expect(try release("a-1.0.0-b-2.0.0.tgz") == nil)
        #expect(try release("readme.txt") == "none")
        let url = try request("/stable/charts/nginx-1.0.0.tgz").url
        let beside = helm.statements(about: ArtifactName(file: "nginx-1.0.0.tgz"), at: url).map(\.url.path)
        #expect(beside == ["/stable/charts/index.yaml", "/stable/index.yaml"])
        #expect(throws: Malformed.self) { try helm.intent(of: request("/stable//a-1.0.0.tgz")) }
        let upload = Request(method: "POST", url: try HTTPURL("https://museum.test/api/charts"))
        #expect(try helm.intent(of: upload) == .publish(nil))
    }

    @Test(arguments: [
        "", "entries: [", "- a", "apiVersion: v1\nentries:\n  a: &x [1]\n  b: *x\n", "entries: 1",
        "apiVersion: v1\napiVersion: v1\n", "\u{FFFE}",
    ])
    func refusesWhatIsNoIndex(_ text: String) throws {
        #expect(throws: Malformed.self) { try read(text) }
    }

    @Test func anIndexOfAliasesEndsSoon() {
        var bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        for level in 1..<30 {
            let last = "*a\(level - 1)"
            bomb += "a\(level): &a\(level) [\(Array(repeating: last, count: 9).joined(separator: ","))]\n"
        }
        #expect(throws: Malformed.self) { try read(bomb) }
    }

    @Test func pinsReleasesOfAChartLock() throws {
        let lock = """
            dependencies:
            - name: common
              repository: https://charts.bitnami.com/bitnami
              version: 2.13.3
            - name: image
              repository: oci://registry.test/charts
              version: 1.0.0
            - name: local
              repository: file://../local
              version: 0.1.0
            digest: sha256:\(Self.digest)
            generated: "2026-01-01T00:00:00Z"
            """
        let pins = try helm.pins(in: Array(lock.utf8), named: "Chart.lock")
        let place = "repository_url=https:%2F%2Fcharts.bitnami.com%2Fbitnami"
        #expect(pins.map(\.release.description) == ["pkg:helm/common@2.13.3?\(place)"])
        #expect(pins.first?.digests == [])
    }

    @Test func aChartSaysWhoItIs() throws {
        let good = Array("apiVersion: v2\nname: nginx\nversion: 1.10.0\n".utf8)
        let inside = try helm.identity(ofFile: "nginx-1.10.0.tgz", entries: ["nginx/Chart.yaml": good])
        #expect(inside == Purl(type: "helm", name: "nginx", version: "1.10.0"))
        #expect(throws: Malformed.self) {
            try helm.identity(ofFile: "x.tgz", entries: ["a/Chart.yaml": good, "b": good])
        }
        let wants = try #require(helm.inspection(ofFile: "nginx-1.0.0.tgz")).wants
        #expect(wants("nginx/Chart.yaml") && !wants("nginx/charts/common/Chart.yaml"))
    }

    @Test func ordersVersionsAsSemVerDoes() {
        let ordered = ["1.0.0-1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0", "1.9.0", "v1.10.0", "2.0.0"]
        for (at, one) in ordered.enumerated() {
            for (place, other) in ordered.enumerated() {
                #expect(helm.compare(one, other).map { $0.signum() } == (at - place).signum(), "\(one) \(other)")
            }
        }
        #expect(helm.compare("1.0", "1.0") == nil && helm.compare("1.0.0+a", "1.0.0+b") == 0)
    }
}
