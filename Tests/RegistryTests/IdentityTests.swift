import Core
import Crypto
import CryptoExtras
import Foundation
import JSONText
import Storage
import Testing

@testable import Registry

/// Identity tokens of CI systems at the registry's door: the issuer's, for the jobs that are named, and nobody else's.
@Suite(.serialized) struct IdentityTests {
    private let issuer: TestIssuer

    init() throws { issuer = try TestIssuer() }

    @Test(arguments: ["RS256", "ES256"])
    func `A job that is granted it pushes, and may do no more`(_ algorithm: String) async throws {
        try await RegistryScratch.with { [issuer] scratch in
            try issuer.settle(in: scratch.folder)
            let build = try SampleBuild()
            let token = try issuer.token(algorithm)
            #expect(try await scratch.push(build, token: token).status == 201)
            #expect(try await scratch.channels(of: build) == ["dev"])
            let promote: JSON = ["to": "staging"]
            #expect(try await scratch.post("/api/v1/builds/\(build.id)/promote", promote, token: token).status == 403)
            // Another token of the same job goes on with what the first one sent.
            let blob = Array("two halves".utf8)
            let digest = Digest.sha256(of: blob)
            #expect(try await scratch.patch(digest, Array(blob[..<4]), at: 0, of: 10, token: token).status == 204)
            let later = try issuer.token(algorithm) { $0["jti"] = "2" }
            #expect(try await scratch.patch(digest, Array(blob[4...]), at: 4, of: 10, token: later).status == 201)
            let promoter = try issuer.token(algorithm) { $0["ref"] = "refs/tags/v1" }
            #expect(
                try await scratch.post("/api/v1/builds/\(build.id)/promote", promote, token: promoter).status == 200
            )
            for event in try await scratch.get("/api/v1/events", token: scratch.admin).json?["events"]?.array ?? [] {
                #expect(event["actor"]?.string?.contains("acme") != true)
            }
        }
    }

    /// What is changed of a good token, and what the answer says of it.
    private static let forgeries: [(name: String, says: String, change: @Sendable (inout [String: JSON]) -> Void)] = [
        ("another issuer", "issuer that is not known", { $0["iss"] = "https://issuer.invalid" }),
        ("no issuer", "issuer that is not known", { $0["iss"] = nil }),
        ("another audience", "another audience", { $0["aud"] = "other" }),
        ("no audience", "another audience", { $0["aud"] = nil }),
        ("audiences without ours", "another audience", { $0["aud"] = ["other", "more"] }),
        ("expired", "has expired", { $0["exp"] = .integer(RegistryScratch.now.seconds) }),
        ("not yet", "not good yet", { $0["nbf"] = .integer(RegistryScratch.now.seconds + 61) }),
        ("of the future", "not good yet", { $0["iat"] = .integer(RegistryScratch.now.seconds + 61) }),
        ("without an end", "until when", { $0["exp"] = nil }),
        ("an end that is a text", "until when", { $0["exp"] = "9999999999" }),
        ("good for ever", "for too long", { $0["exp"] = .integer(.max) }),
        ("begun before all time", "for too long", { $0["iat"] = .integer(.min) }),
        ("no subject", "names no subject", { $0["sub"] = "" }),
        ("another repository", "grants nothing", { $0["repository"] = "evil/parity" }),
        ("a repository that begins so", "grants nothing", { $0["repository"] = "acme/parity-evil" }),
        ("another branch", "grants nothing", { $0["ref"] = "refs/heads/topic" }),
        ("no branch", "grants nothing", { $0["ref"] = nil }),
    ]

    @Test func `Of a token that says anything else than it should, nothing is believed`() async throws {
        try await RegistryScratch.with { [issuer] scratch in
            try issuer.settle(in: scratch.folder)
            for algorithm in ["RS256", "ES256"] {
                #expect(try await Self.asks(scratch, try issuer.token(algorithm)).status == 200)
                for (name, says, change) in Self.forgeries {
                    let answer = try await Self.asks(scratch, try issuer.token(algorithm, change))
                    #expect(answer.status == 401 && answer.text.contains(says), "\(name): \(answer.text)")
                }
            }
        }
    }

    @Test func `A signature that is not the issuer's, or not made as its key is used, is none`() async throws {
        try await RegistryScratch.with { [issuer] scratch in
            try issuer.settle(in: scratch.folder)
            let other = try TestIssuer()
            let good = try issuer.token("RS256")
            let parts = good.split(separator: ".").map(String.init)
            let ours = Array(try issuer.set().canonicalBytes())
            var claims = issuer.claims
            claims["ref"] = "refs/tags/v1"
            let forged = [
                "another key": try other.token("RS256"), "another curve key": try other.token("ES256"),
                "other claims": "\(parts[0]).\(TestIssuer.text(.object(claims))).\(parts[2])",
                "no signature": "\(parts[0]).\(parts[1]).", "a cut one": String(good.dropLast(4)),
                "none": issuer.token(head: ["alg": "none", "kid": "rsa"]) { _ in [0] },
                "the public key as a secret": issuer.token(head: ["alg": "HS256", "kid": "rsa"]) { message in
                    Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: ours)))
                },
                "the other key's name": try issuer.token(head: ["alg": "RS256", "kid": "ec"], issuer.rsaSigned),
                "the other key's algorithm": try issuer.token(head: ["alg": "ES256", "kid": "rsa"], issuer.rsaSigned),
                "no key's name": try issuer.token(head: ["alg": "RS256"], issuer.rsaSigned),
                "an extension that has to be known": try issuer.token(
                    head: ["alg": "RS256", "kid": "rsa", "crit": ["exp"]],
                    issuer.rsaSigned
                ),
                "a key that it brings along": try other.token(
                    head: ["alg": "RS256", "kid": "rsa", "jwk": other.set()["keys"]?.array?.first ?? .null],
                    other.rsaSigned
                ),
                "padding": parts.joined(separator: ".") + "=", "four parts": good + ".e30",
                "very long": good + String(repeating: "A", count: 20_000),
            ]
            for (name, token) in forged {
                let answer = try await Self.asks(scratch, token)
                #expect(answer.status == 401, "\(name): \(answer.text)")
            }
            #expect(try await Self.asks(scratch, good).status == 200)
        }
    }

    @Test func `Without the file no such token is taken, and a file that says too little is refused`() async throws {
        try await RegistryScratch.with { [issuer] scratch in
            let token = try issuer.token("ES256")
            #expect(try await Self.asks(scratch, token).status == 401)
            try issuer.settle(in: scratch.folder)
            #expect(try await Self.asks(scratch, token).status == 200)
            let bad: [(String, JSON)] = [
                ("only a branch", ["claims": ["ref": "refs/heads/main"]]),
                ("everybody", ["claims": ["repository": "*"]]), ("a whole letter", ["claims": ["repository": "a*"]]),
                ("no claims", ["claims": [:]]), ("all rights", ["scopes": ["admin"]]),
                ("no rights", ["scopes": []]), ("nowhere", ["repositories": []]), ("a slip", ["claim": "x"]),
            ]
            for (name, change) in bad {
                try issuer.settle(in: scratch.folder, change)
                let answer = try await Self.asks(scratch, token)
                #expect(answer.status == 500 && answer.text.contains("config.unreadable"), "\(name): \(answer.text)")
            }
            // The registry's own tokens go on.
            #expect(try await Self.asks(scratch, scratch.admin).status == 200)
        }
    }

    private static func asks(_ scratch: RegistryScratch, _ token: String) async throws -> RegistryScratch.Answer {
        try await scratch.get("/api/v1/builds?repository=main", token: token)
    }
}

/// Signs as a CI system does, with a key of each kind.
struct TestIssuer: Sendable {
    private let rsa: _RSA.Signing.PrivateKey
    private let ec = P256.Signing.PrivateKey()

    init() throws { rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    let claims: [String: JSON] = [
        "iss": "https://issuer.example", "aud": "acme-registry", "sub": "repo:acme/parity:ref:refs/heads/main",
        "repository": "acme/parity", "ref": "refs/heads/main",
        "iat": .integer(RegistryScratch.now.seconds - 30), "exp": .integer(RegistryScratch.now.seconds + 300),
    ]

    func set() throws -> JSON {
        let numbers = try rsa.publicKey.getKeyPrimitives()
        let point = ec.publicKey.rawRepresentation
        return [
            "keys": [
                [
                    "kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256",
                    "n": .string(Self.text(numbers.modulus)), "e": .string(Self.text(numbers.publicExponent)),
                ],
                [
                    "kty": "EC", "kid": "ec", "crv": "P-256", "x": .string(Self.text(point.prefix(32))),
                    "y": .string(Self.text(point.suffix(32))),
                ],
                ["kty": "OKP", "kid": "ed", "crv": "Ed25519", "x": "AAAA"],
            ]
        ]
    }

    /// Writes the registry's two files; `change` takes the place of members of the first grant.
    func settle(in folder: String, _ change: JSON = [:]) throws {
        var grant: [String: JSON] = [
            "claims": ["repository": "acme/parity", "ref": ["refs/heads/main", "refs/heads/release/*"]],
            "scopes": ["read", "publish"], "repositories": ["main"],
        ]
        for (name, value) in change.members ?? [:] { grant[name] = value }
        let tags: JSON = [
            "claims": ["repository": "acme/parity", "ref": "refs/tags/*"], "scopes": ["read", "promote"],
            "repositories": ["main"],
        ]
        let issuer: JSON = [
            "issuer": "https://issuer.example", "audience": "acme-registry", "keys": "issuer.jwks.json",
            "grants": .array([.object(grant), tags]),
        ]
        let file: JSON = ["issuers": [issuer]]
        try Data(file.canonicalBytes()).write(to: URL(filePath: "\(folder)/issuers.json"))
        try Data(try set().canonicalBytes()).write(to: URL(filePath: "\(folder)/issuer.jwks.json"))
    }

    func token(_ algorithm: String, _ change: (inout [String: JSON]) -> Void = { _ in }) throws -> String {
        var claims = claims
        change(&claims)
        if algorithm == "RS256" { return try token(head: ["alg": "RS256", "kid": "rsa"], claims: claims, rsaSigned) }
        return try token(head: ["alg": "ES256", "kid": "ec", "typ": "JWT"], claims: claims) { message in
            Array(try ec.signature(for: message).rawRepresentation)
        }
    }

    func token(head: JSON, claims: [String: JSON]? = nil, _ sign: ([UInt8]) throws -> [UInt8]) rethrows -> String {
        let message = "\(Self.text(head)).\(Self.text(.object(claims ?? self.claims)))"
        return try "\(message).\(Self.text(sign(Array(message.utf8))))"
    }

    func rsaSigned(_ message: [UInt8]) throws -> [UInt8] {
        Array(try rsa.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5).rawRepresentation)
    }

    static func text(_ json: JSON) -> String { text(json.canonicalBytes()) }

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        Base64.encode(bytes).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
