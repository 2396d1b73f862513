import Core
import Gateway
import TestKit
import Testing

/// A file that its registry does not have: clients with several registries ask the next one on 404, and stop on 403.
@Suite struct AbsentFileTests {
    private static let strict = Scene.Setting { $0.policy = "version: 1\nmode: enforce\n" }
    private static let jar = "https://repo.maven.apache.org/maven2/test/demo/1.0/demo-1.0.jar"

    @Test(arguments: ["GET", "HEAD"])
    func isNotThereWhateverPolicyWouldSayOfIt(_ method: String) async throws {
        try await Scene.with(Self.strict) { scene async throws in
            let taken = try await scene.ask(Self.jar, method: method)
            #expect(taken.status == 404, "\(taken.status) \(taken.text)")
            #expect(scene.recorder.refusals.isEmpty)
        }
    }

    @Test func isStillRefusedWhereItIsThereAndNobodyVouchesForIt() async throws {
        try await Scene.with(Self.strict) { scene async throws in
            scene.fake.serve(
                "/maven/maven2/test/demo/1.0/demo-1.0.jar",
                FakeAnswer("jar", type: "application/java-archive")
            )
            let taken = try await scene.ask(Self.jar)
            #expect(taken.code == "policy.denied", "\(taken.status) \(taken.text)")
        }
    }
}
