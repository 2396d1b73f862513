import Core
import Manifest

/// Values the tests of this target start from.
enum Samples {
    static func digest(_ seed: UInt8, _ algorithm: Digest.Algorithm = .sha256) throws -> Digest {
        try sample(Digest(algorithm, bytes: [UInt8](repeating: seed, count: algorithm.byteCount)))
    }

    static func url(_ text: String) throws -> HTTPURL { try HTTPURL(text) }

    /// `pkg:pypi/NAME@VERSION` with bytes of one repeated value.
    static func input(_ name: String, _ version: String = "1.0", seed: UInt8 = 1) throws -> Input {
        let file = "\(name)-\(version)-py3-none-any.whl"
        let digest = try digest(seed)
        var input = Input(
            purl: Purl(type: "pypi", name: name, version: version),
            file: file,
            size: 1_024 * Int64(seed),
            digests: [digest],
            url: try url("https://files.pythonhosted.org/packages/\(file)")
        )
        input.claimed = [Input.Claim(by: "index", digest: digest, agrees: true)]
        return input
    }

    static func rich() throws -> BuildManifest {
        var first = try input("requests", "2.32.3", seed: 7)
        first.digests.append(try digest(7, .sha512))
        first.claimed.append(Input.Claim(by: "uv.lock", digest: try digest(7, .sha512), agrees: true))
        first.published = PublishTime(Timestamp(seconds: 1_716_972_000), basis: .registryTime)
        first.evidence = PublisherEvidence(.trustedPublisher, isVerified: true)
        first.license = "Apache-2.0"
        first.via = [Purl(type: "pypi", name: "app")]
        return BuildManifest(
            inputs: [first, try input("idna", "3.10", seed: 3)],
            tools: [Tool(name: "python", version: "3.11.2", digest: try digest(9), origin: "image")],
            artifacts: [
                Output(
                    name: "app-1.0.tar.gz",
                    path: "dist/app-1.0.tar.gz",
                    size: 10,
                    digests: [try digest(20)],
                    purl: Purl(type: "pypi", name: "app", version: "1.0")
                )
            ],
            gaps: [Gap(kind: "opaque-tunnel", host: "example.org:443")]
        )
    }
}

/// A sample that cannot be built is a broken test, told as an error.
struct NoSample: Error {}

func sample<T>(_ value: T?) throws -> T {
    guard let value else { throw NoSample() }
    return value
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
