import Core
import Gateway
import TestKit
import Testing

/// Dependency confusion: an internal name reaches no public registry, whatever the route.
@Suite struct NamesTests {
    private static let setting = Scene.Setting {
        $0.policy = """
            version: 1
            mode: enforce
            rules: { namespace.internal: ["pkg:npm/@acme/*", "pkg:pypi/acme-*"] }
            """
    }

    private static let routes = [
        "https://pypi.org/simple/acme-core/", "https://pypi.org/simple/Acme.Core/",
        "https://pypi.org/pypi/acme_core/json",
        "https://files.pythonhosted.org/packages/aa/bb/acme_core-99.0-py3-none-any.whl",
        "https://files.pythonhosted.org/packages/aa/bb/acme_core-99.0-py3-none-any.whl.metadata",
        "https://files.pythonhosted.org/packages/aa/bb/acme-core-99.0.tar.gz",
        "https://registry.npmjs.org/@acme%2ftool", "https://registry.npmjs.org/@acme/tool",
        "https://registry.npmjs.org/@acme/tool/-/tool-99.0.0.tgz", "https://registry.npmjs.org/@acme/tool/latest",
        "https://registry.npmjs.org/-/v1/search?text=@acme/tool&size=20",
        "https://registry.npmjs.org/-/package/@acme%2ftool/dist-tags",
    ]

    @Test(arguments: routes, ["GET", "HEAD"])
    func noPublicRegistryIsAsked(_ url: String, _ method: String) async throws {
        try await Scene.with(Self.setting) { scene async throws in
            let taken = try await scene.ask(url, method: method)
            #expect(taken.status == 403 && taken.code == "policy.denied", "\(url) \(taken.status)")
            #expect(taken.reason?.contains("namespace.internal") == true)
            #expect(scene.fake.requests.isEmpty)
            #expect(scene.recorder.refusals.count == 1)
        }
    }

    @Test func otherNamesAreAskedAsEver() async throws {
        try await Scene.with(Self.setting) { scene async throws in
            _ = try await scene.ask("https://pypi.org/simple/requests/")
            #expect(!scene.fake.requests.isEmpty)
        }
    }
}
