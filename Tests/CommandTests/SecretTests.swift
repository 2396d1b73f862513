import Core
import Foundation
import Kernel
import Storage
import Testing

/// Secrets that a job handles must stand nowhere in what Purser writes: seeded as canaries, searched afterwards.
@Suite("Secrets")
struct SecretTests {
    /// The middle of every canary of `Fixtures/secret-canaries.json`.
    private static let mark = "-7f3a1d"

    private func forms(_ secret: String) -> [[UInt8]] {
        let bytes = Array(secret.utf8)
        // Base64 depends on what stands before: three beginnings, without the letters that neighbours change.
        let coded = (0..<3).map { shift in
            let text = Data(Array(repeating: 0x61, count: shift) + bytes).base64EncodedString()
            return Array(text.utf8.dropFirst(shift == 0 ? 0 : 4).prefix(((bytes.count - 3) / 3) * 4))
        }
        let percent = bytes.flatMap { Array("%\(Hex.encode([$0]))".utf8) }
        return [bytes, percent, Array(secret.replacingOccurrences(of: "/", with: "\\/").utf8)] + coded
    }

    private func files(below folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
            .map { "\(folder)/\($0)" }.filter { (try? Files.stat($0))?.isRegular == true }
    }

    /// Where a canary turns up.
    private func hits(of secrets: [String], in texts: [(String, [UInt8])]) -> [String] {
        var hits: [String] = []
        for secret in secrets {
            for form in forms(secret) where form.count > 5 {
                for (name, bytes) in texts where bytes.firstRange(of: form) != nil {
                    hits.append("\(secret) in \(name)")
                }
            }
        }
        return hits
    }

    /// An upstream that sends secrets itself.
    private let answers: [String: FakeAnswer] = [
        "/hop/moved.whl": FakeAnswer(
            status: "302 Found",
            headers: ["Location: /files/demo-1.0-py3-none-any.whl?sig=cl-7f3a1d", "Set-Cookie: s=csc-7f3a1d"]
        ),
        "/hop/bad.whl": FakeAnswer(
            status: "403 Forbidden",
            headers: ["Content-Type: text/html"],
            body: Array("<html>token cbody-7f3a1d is invalid</html>".utf8)
        ),
    ]

    private static let seeds = [
        "cq", "cs", "cl", "csc", "cbody", "cnetrc", "cpt", "cci", "cact", "cb", "cc", "cpr", "cn", "cpass", "ctoken",
    ]

    @Test func noneOfTheCanariesIsWrittenAnywhere() async throws {
        let signed =
            "https://files.pythonhosted.org/files/demo-1.0-py3-none-any.whl?token=cq-7f3a1d&X-Amz-Signature=cs-7f3a1d"
        let stage = try Stage(answers)
        let netrc = "machine files.pythonhosted.org login cuser password cnetrc-7f3a1d\n"
        try Files.writeAtomically("\(stage.folder)/home/.netrc", Array(netrc.utf8), mode: 0o600)
        let hidden = [
            "PURSER_TOKEN": "cpt-7f3a1d", "CI_JOB_TOKEN": "cci-7f3a1d", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "cact-7f3a1d",
        ]
        let lines = [
            "fetch demo demo-1.0-py3-none-any.whl",
            "curl -sS -o /dev/null '\(signed)'",
            "curl -sS -o /dev/null -H 'Authorization: Bearer cb-7f3a1d' -H 'Cookie: session=cc-7f3a1d' "
                + "-H 'PRIVATE-TOKEN: cpr-7f3a1d' 'https://pypi.org/simple/demo/?_authToken=cn-7f3a1d'",
            "curl -sS -o /dev/null -u cuser:cpass-7f3a1d https://pypi.org/simple/fresh/",
            "curl -sS -o /dev/null https://ctoken-7f3a1d@files.pythonhosted.org/hop/moved.whl",
            "curl -sS -o /dev/null https://files.pythonhosted.org/hop/bad.whl",
            "printenv HTTPS_PROXY > ../proxy; echo $CI_JOB_TOKEN > /dev/null",
        ]
        let report = try await stage.shell(
            "purser keygen -q --out ../key.pem; PURSER_SIGNING_KEY=\"$(cat ../key.pem)\" "
                + "purser run --verbose -- sh -c \"\(lines.joined(separator: "; "))\"",
            environment: hidden
        )
        #expect(report.exit == .exited(0), "\(report.errorText)")
        let proxy = String(decoding: try Files.readAll("\(stage.folder)/proxy"), as: UTF8.self)
        let session = String(proxy.split(separator: ":")[2].prefix { $0 != "@" })
        let key = String(decoding: try Files.readAll("\(stage.folder)/key.pem"), as: UTF8.self)
        let body = key.split(separator: "\n").dropFirst().first.map(String.init) ?? ""
        var texts = (files(below: stage.job) + files(below: stage.cache) + files(below: stage.temporary)).map {
            ($0, (try? Files.readAll($0)) ?? [])
        }
        texts.append(("stdout", report.output))
        texts.append(("stderr", report.errors))
        // Answers as the upstream gave them are the upstream's bytes; the refusal is no artifact and must not be among them.
        #expect(texts.count > 6)
        let canaries = SecretTests.seeds.map { $0 + SecretTests.mark }
        #expect(session.utf8.count == 32 && body.utf8.count > 40)
        #expect(hits(of: canaries + [session, body], in: texts) == [])
    }

    @Test func seesACanaryInEveryForm() {
        for form in ["xcq-7f3a1dx", "eHhjcS03ZjNhMWR4", "%63%71%2d%37%66%33%61%31%64"] {
            #expect(!hits(of: ["cq-7f3a1d"], in: [("text", Array(form.utf8))]).isEmpty, "\(form)")
        }
    }
}
