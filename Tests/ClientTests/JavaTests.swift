import Core
import Kernel
import Manifest
import TestKit
import Testing

/// Programs on a Java machine: they cannot send the session's secret and read no certificates but Java's own.
@Suite("Java through the agent")
struct JavaTests {
    private static let program = """
        import java.net.*;
        public class Ask {
            public static void main(String[] words) throws Exception {
                HttpURLConnection asked = (HttpURLConnection) new URL(words[0]).openConnection();
                System.out.println(asked.getResponseCode() + " " + new String(asked.getInputStream().readAllBytes()));
            }
        }

        """

    @Test(.enabled(if: Client.isHere("java", "javac"), "no JDK is on PATH"))
    func `It trusts the session and is led to it`() async throws {
        let shop = try await Workshop.open()
        shop.fake.serve(
            "/npm/left-pad",
            FakeAnswer("{\"name\":\"left-pad\",\"versions\":{}}", type: "application/json")
        )
        try shop.write(JavaTests.program, "Ask.java")
        let ending = try await shop.run(
            "java Ask.java https://registry.npmjs.org/left-pad; echo \"$JAVA_TOOL_OPTIONS\"",
            environment: ["JAVA_TOOL_OPTIONS": "-Dpurser.test=kept"]
        )
        #expect(ending.output.contains("200 {\"name\":\"left-pad\""), "\(ending.text)")
        #expect(ending.output.contains("\n-Dpurser.test=kept -Dhttp.proxyHost=127.0.0.1"))
        #expect(shop.fake.requests.map(\.target).contains("/npm/left-pad"))
    }

    @Test(
        .enabled(if: Client.isHere("curl", "setpriv"), "curl or setpriv is not on PATH"),
        .enabled(if: ProcessIdentity.effectiveUID == 0, "only root can act as another user")
    )
    func `Without the secret only this user's processes come in, and only where Java is`() async throws {
        let shop = try await Workshop.open()
        shop.fake.serve(
            "/npm/left-pad",
            FakeAnswer("{\"name\":\"left-pad\",\"versions\":{}}", type: "application/json")
        )
        // The address without user and password.
        let ask = "-sS -k --proxy \"http://${https_proxy##*@}\" https://registry.npmjs.org/left-pad"
        let script = """
            curl \(ask) | grep -o left-pad
            setpriv --reuid 65534 --clear-groups env -u SSL_CERT_FILE -u CURL_CA_BUNDLE curl \(ask); echo "other $?"
            """
        let java = try await shop.run(script, environment: ["JAVA_HOME": "/java"])
        #expect(java.output.contains("left-pad\n") && java.output.contains("other 56"), "\(java.text)")
        #expect(java.errors.contains("403"), "\(java.text)")
        let none = try await shop.run("curl \(ask)", environment: ["PATH": try shop.folderWithoutJava()])
        #expect(none.status == 56 && none.errors.contains("407"), "\(none.text)")
    }
}
