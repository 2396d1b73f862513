// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "swift-app",
    dependencies: [.package(url: "https://github.com/apple/swift-log.git", from: "1.6.0")],
    targets: [
        .executableTarget(name: "bearing", dependencies: [.product(name: "Logging", package: "swift-log")])
    ]
)
