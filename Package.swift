// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// The settings of every target, tests too: see docs/ARCHITECTURE.md, "House rules".
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// Every ecosystem's folder has a page about it; so adding one changes nothing here.
let ecosystems = Context.packageDirectory + "/Sources/Ecosystems/"
let ecosystemPages =
    (try? FileManager.default.contentsOfDirectory(atPath: ecosystems))?.map { $0 + "/README.md" }
    .filter { FileManager.default.fileExists(atPath: ecosystems + $0) }.sorted() ?? []

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
]
let nioHTTP2: [Target.Dependency] = [
    .product(name: "NIOTLS", package: "swift-nio"),
    .product(name: "NIOHTTP2", package: "swift-nio-http2"),
    .product(name: "NIOHPACK", package: "swift-nio-http2"),
]
let nioTLS: [Target.Dependency] = [
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
    .product(name: "X509", package: "swift-certificates"),
    .product(name: "SwiftASN1", package: "swift-asn1"),
]
let x509: [Target.Dependency] = [
    .product(name: "X509", package: "swift-certificates"),
    .product(name: "SwiftASN1", package: "swift-asn1"),
]
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "purser",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "purser", targets: ["AgentCommand"]),
        .executable(name: "purser-registry", targets: ["RegistryCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // The system libraries, each a module map and typed doors for C variadics. libcurl carries transfers.
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        // libarchive reads archives; zlib checks what they inflate to.
        .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev", "zlib1g-dev"])]),
        // jansson reads JSON.
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        // The kernel's and the C library's calls.
        .systemLibrary(name: "CLinux"),

        // JSON as values (small) or edited in place (large), printed canonically.
        .target(name: "JSONText", dependencies: ["CJansson"], swiftSettings: house),
        // Reads entries of a staged file within limits, never extracting.
        .target(name: "Archive", dependencies: ["CArchive"], swiftSettings: house),
        // HTTP transfers over libcurl multi, chunk by chunk, within limits.
        .target(name: "Transfer", dependencies: ["CCurl"], swiftSettings: house),
        // The kernel's doors: durable files, locks, spawn, signals.
        .target(name: "Kernel", dependencies: ["CLinux"], swiftSettings: house),

        // The project's words and the one seam.
        .target(name: "Core", swiftSettings: house),

        // Facts in, verdict out.
        .target(name: "Policy", dependencies: ["Core", yams], swiftSettings: house),
        // One folder per ecosystem; the catalog.
        .target(
            name: "Ecosystems",
            dependencies: ["Core", "JSONText", "Archive", yams],
            exclude: ecosystemPages,
            swiftSettings: house
        ),
        // purser.lock, the run report, the replay record: read, print canonically, compare.
        .target(name: "Manifest", dependencies: ["Core", "JSONText"], swiftSettings: house),
        // in-toto statements in DSSE envelopes: sign, verify.
        .target(name: "Attestation", dependencies: ["Core", "JSONText", crypto], swiftSettings: house),
        // Signatures of publishers and registries, checked offline by keys that are given.
        .target(
            name: "Sigstore",
            dependencies: ["Attestation", "Core", "JSONText", crypto] + x509,
            swiftSettings: house
        ),

        // Blobs by digest, records; stage, verify, commit.
        .target(name: "Storage", dependencies: ["Core", "Kernel", "JSONText", crypto, grdb], swiftSettings: house),
        // Fetches with retries, redirects and credentials bound to their origin; offline replay.
        .target(
            name: "Upstream",
            dependencies: ["Core", "Transfer"],
            swiftSettings: house
        ),
        // Runs the build command so that it cannot reach the network except through us.
        .target(name: "Isolation", dependencies: ["Kernel"], swiftSettings: house),
        // Data snapshots on disk (malware, advisories), asked by Gateway, never by Policy.
        .target(name: "Knowledge", dependencies: ["Core", "Kernel", "JSONText", crypto], swiftSettings: house),
        // What a policy names under `data:`, loaded once and handed to a gateway: advisories, lists, keys.
        .target(
            name: "Evidence",
            dependencies: ["Core", "Gateway", "JSONText", "Kernel", "Knowledge", "Policy", "Sigstore", "Storage"],
            swiftSettings: house
        ),
        // Speaks /api/v1 of the central registry.
        .target(
            name: "RegistryClient",
            dependencies: ["Core", "Transfer", "JSONText"],
            swiftSettings: house
        ),

        // Tells one address of denials, in the background.
        .target(name: "Webhook", dependencies: ["Core", "JSONText", "Transfer", crypto], swiftSettings: house),

        // Answers one client request, whoever asks.
        .target(
            name: "Gateway",
            dependencies: [
                "Core", "Policy", "Storage", "Kernel", "Upstream", "Archive", "JSONText",
            ],
            swiftSettings: house
        ),
        // Loopback listener: plain registry endpoints, CONNECT, TLS as the host, tunnel or intercept.
        .target(
            name: "Proxy",
            dependencies: ["Core", "Gateway", "Kernel", "Upstream", crypto] + nio + nioTLS + nioHTTP2,
            swiftSettings: house
        ),

        // The life of one CI job.
        .target(
            name: "Session",
            dependencies: [
                "Core", "JSONText", "Archive", "Transfer", "Kernel", "Policy", "Ecosystems", "Manifest", "Attestation",
                "Storage", "Upstream", "Isolation", "Knowledge", "RegistryClient", "Gateway", "Proxy", "Webhook",
                "Evidence",
            ],
            swiftSettings: house
        ),
        // HTTP server: hosted packages, builds, channels, promotion, tokens.
        .target(
            name: "Registry",
            dependencies: [
                "Core", "JSONText", "Kernel", "Archive", "Policy", "Gateway", "Storage", "Upstream", "Knowledge",
                "Attestation", "Manifest", "Transfer", "Webhook", crypto, cryptoExtras, hummingbird,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                "Evidence",
            ],
            swiftSettings: house
        ),

        // The agent's program: argument parsing and the rendering of problems; nothing else.
        .executableTarget(
            name: "AgentCommand",
            dependencies: ["Session", argumentParser],
            swiftSettings: house
        ),
        // The registry's program: the same.
        .executableTarget(
            name: "RegistryCommand",
            dependencies: ["Core", "Registry", "Ecosystems", argumentParser],
            swiftSettings: house
        ),

        .testTarget(name: "CoreTests", dependencies: ["Core"], exclude: ["Fixtures"], swiftSettings: house),
        .testTarget(
            name: "EcosystemsTests",
            dependencies: ["Archive", "Core", "Ecosystems", "JSONText"],
            exclude: ["Fixtures"],
            swiftSettings: house
        ),
        .testTarget(name: "TransferTests", dependencies: ["Transfer"], swiftSettings: house),
        .testTarget(
            name: "ManifestTests",
            dependencies: ["Core", "JSONText", "Manifest"],
            exclude: ["Fixtures"],
            swiftSettings: house
        ),
        .testTarget(
            name: "AttestationTests",
            dependencies: ["Attestation", "Core", "JSONText", crypto],
            exclude: ["Fixtures"],
            swiftSettings: house
        ),
        .testTarget(
            name: "SigstoreTests",
            dependencies: ["Core", "JSONText", "Sigstore", crypto] + x509,
            exclude: ["Fixtures"],
            swiftSettings: house
        ),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Core", "JSONText", "Storage", "Kernel", "TestKit", grdb],
            swiftSettings: house
        ),
        .testTarget(
            name: "JSONTextTests",
            dependencies: ["JSONText"],
            exclude: ["Fixtures"],
            swiftSettings: house
        ),
        .testTarget(
            name: "WebhookTests",
            dependencies: ["Core", "JSONText", "TestKit", "Transfer", "Webhook", crypto],
            swiftSettings: house
        ),
        .testTarget(name: "KnowledgeTests", dependencies: ["Core", "Knowledge"], swiftSettings: house),
        .testTarget(
            name: "PolicyTests",
            dependencies: ["Core", "Policy"],
            exclude: ["Fixtures"],
            swiftSettings: house
        ),
        .testTarget(
            name: "ProxyTests",
            dependencies: ["Core", "Gateway", "Proxy", "Kernel", "Upstream"] + nio + nioTLS + nioHTTP2,
            exclude: ["Fixtures"],
            swiftSettings: house
        ),
        // What tests of several rooms need: scratch folders, a lying upstream, archives, a gateway over them.
        .target(
            name: "TestKit",
            dependencies: [
                "Core", "Ecosystems", "Gateway", "JSONText", "Kernel", "Policy", "Storage", "Transfer", "Upstream",
                crypto,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ] + x509,
            swiftSettings: house
        ),
        // What every reader of foreign bytes must keep: replayed by the tests, driven by the fuzzer (docs/fuzzing.md).
        .target(
            name: "Exercise",
            dependencies: [
                "Archive", "Attestation", "Core", "Ecosystems", "Gateway", "JSONText", "Knowledge", "Manifest",
                "Policy",
                "Proxy", "Registry", "Sigstore", "Storage", "Transfer", "Upstream",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: house
        ),
        .testTarget(
            name: "ExerciseTests",
            dependencies: ["Core", "Ecosystems", "Exercise"],
            exclude: ["Fixtures"],
            swiftSettings: house
        ),
        .testTarget(
            name: "UpstreamTests",
            dependencies: ["Core", "Gateway", "Kernel", "Proxy", "TestKit", "Transfer", "Upstream"],
            exclude: ["Fixtures"],
            swiftSettings: house
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Core", "Ecosystems", "Gateway", "JSONText", "Policy", "Storage", "Kernel", "TestKit", "Upstream",
            ],
            exclude: ["Fixtures"],
            swiftSettings: house
        ),
        .testTarget(
            name: "FaultTests",
            dependencies: ["Core", "Gateway", "Storage", "Kernel", "TestKit", "Upstream"],
            swiftSettings: house
        ),
        .testTarget(
            name: "TranscriptTests",
            dependencies: [
                "Core", "Ecosystems", "Gateway", "Kernel", "Policy", "Proxy", "TestKit", "Transfer", "Upstream",
            ],
            exclude: ["Transcripts"],
            swiftSettings: house
        ),
        // Real package managers through the built agent; each is skipped by name where it is not installed.
        .testTarget(
            name: "ClientTests",
            dependencies: ["AgentCommand", "Core", "Manifest", "Kernel", "TestKit", crypto],
            exclude: ["Fixtures"],
            swiftSettings: house
        ),
        .testTarget(name: "ArchiveTests", dependencies: ["Archive"], exclude: ["Fixtures"], swiftSettings: house),
        .testTarget(name: "KernelTests", dependencies: ["Kernel"], swiftSettings: house),
        .testTarget(name: "IsolationTests", dependencies: ["Isolation", "Kernel"], swiftSettings: house),
        .testTarget(name: "HouseTests", swiftSettings: house),
        .testTarget(
            name: "RegistryTests",
            dependencies: [
                "Attestation", "Core", "Ecosystems", "Gateway", "JSONText", "Manifest", "Registry",
                "RegistryCommand", "Storage", "TestKit", "Transfer", "Upstream", crypto, cryptoExtras,
            ],
            swiftSettings: house
        ),
        .testTarget(
            name: "RegistryClientTests",
            dependencies: ["Core", "Ecosystems", "Registry", "RegistryClient", "Storage", "Transfer"],
            swiftSettings: house
        ),
        .testTarget(
            name: "SessionTests",
            dependencies: [
                "Core", "JSONText", "Kernel", "Policy", "Ecosystems", "Manifest", "Storage", "Upstream", "Gateway",
                "Proxy", "RegistryClient", "Session", "Isolation", "Attestation", "TestKit", "Evidence", crypto,
            ] + x509,
            swiftSettings: house
        ),
        .testTarget(
            name: "CommandTests",
            dependencies: ["AgentCommand", "Attestation", "Core", "JSONText", "Storage", "Kernel", "TestKit"],
            exclude: ["Fixtures", "Scripts"],
            swiftSettings: house
        ),
    ]
)

// scripts/fuzz.sh alone asks for the fuzzer; its build of our targets counts edges and is fast, whatever the configuration.
if Context.environment["PURSER_FUZZ"] == "1" {
    for target in package.targets where target.type == .regular {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=fuzzer", "-O"])]
    }
    package.targets += [
        Target.systemLibrary(name: "CFuzzer", path: "Tests/Fuzzer/Door"),
        Target.executableTarget(
            name: "Fuzzer",
            dependencies: ["CFuzzer", "Exercise"],
            path: "Tests/Fuzzer/Program",
            swiftSettings: house
        ),
    ]
}
