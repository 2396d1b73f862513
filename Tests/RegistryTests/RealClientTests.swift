import Core
import Foundation
import Storage
import Testing

@testable import Registry

/// The package managers themselves against the registry: twine and uv bring packages, pip and uv take them.
@Suite(.serialized) struct RealClientTests {
    /// How a client ended.
    private struct Ending: Sendable {
        let status: Int32
        let text: String
    }

    private static func isHere(_ name: String) -> Bool {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }

    private static let hasPip = isHere("python3")
    private static let hasTwine = isHere("twine")
    private static let hasUv = isHere("uv")

    /// Runs a line of shell in the folder, with nothing of this machine's settings.
    private func shell(_ line: String, in folder: String) async throws -> Ending {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", line]
        process.currentDirectoryURL = URL(filePath: folder)
        process.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder,
            "LC_ALL": "C.UTF-8", "PIP_CONFIG_FILE": "/dev/null", "PIP_NO_CACHE_DIR": "1", "PIP_NO_INPUT": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_NO_CACHE": "1", "UV_NO_PROGRESS": "1",
            "UV_PYTHON_DOWNLOADS": "never", "UV_HTTP_RETRIES": "0",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYENV_VERSION": "system",
        ]
        let output = folder + "/output-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: output)
        process.standardInput = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { done.resume(throwing: error) }
        }
        let text = String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self)
        return Ending(status: status, text: text)
    }

    /// A folder with the wheel `app` 1.0, beside a registry.
    private func withShop(
        policy: String? = nil,
        _ body: @escaping @Sendable (RegistryScratch, String) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/purser-shop-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(wheel()).write(to: URL(filePath: folder + "/app-1.0-py3-none-any.whl"))
        if let policy { try Data(policy.utf8).write(to: URL(filePath: folder + "/policy.yml")) }
        try await RegistryScratch.with(policy: policy.map { _ in folder + "/policy.yml" }) { scratch in
            try await body(scratch, folder)
        }
    }

    private func index(_ scratch: RegistryScratch) -> String {
        "http://__token__:\(scratch.admin)@127.0.0.1:\(scratch.port)/main/dev/pypi/simple/"
    }

    private func expectInstalled(_ folder: String) throws {
        let text = try String(contentsOfFile: folder + "/out/app/__init__.py", encoding: .utf8)
        #expect(text == "print('hello')\n")
    }

    @Test(.enabled(if: hasTwine && hasPip, "twine or python3 is not on PATH"))
    func twineUploadsAndPipInstalls() async throws {
        try await withShop { scratch, folder in
            let twine =
                "twine upload --non-interactive --disable-progress-bar -u __token__ -p \(scratch.admin) "
                + "--repository-url \(scratch.address)/main/dev/pypi/legacy/ app-1.0-py3-none-any.whl"
            let upload = try await shell(twine, in: folder)
            #expect(upload.status == 0, "\(upload.text)")
            let pip = "python3 -m pip install --no-deps --target out --index-url \(index(scratch)) app==1.0"
            let install = try await shell(pip, in: folder)
            #expect(install.status == 0, "\(install.text)")
            try expectInstalled(folder)
            // Other bytes under the same name: twine shows why.
            try Data(wheel(content: "print('other')\n")).write(to: URL(filePath: folder + "/app-1.0-py3-none-any.whl"))
            let again = try await shell(twine, in: folder)
            #expect(again.status != 0 && again.text.contains("File already exists"), "\(again.text)")
            let stranger = try await shell(twine.replacing(scratch.admin, with: "psr_nobody"), in: folder)
            #expect(stranger.status != 0 && stranger.text.contains("401"), "\(stranger.text)")
        }
    }

    @Test(.enabled(if: hasUv && hasPip, "uv or python3 is not on PATH"))
    func uvPublishesAndInstalls() async throws {
        try await withShop { scratch, folder in
            let publish = try await shell(
                "uv publish --publish-url \(scratch.address)/main/dev/pypi/legacy/ -u __token__ -p \(scratch.admin) "
                    + "app-1.0-py3-none-any.whl",
                in: folder
            )
            #expect(publish.status == 0, "\(publish.text)")
            let install = try await shell(
                "uv pip install --python python3 --no-deps --target out --index-url \(index(scratch)) app",
                in: folder
            )
            #expect(install.status == 0, "\(install.text)")
            try expectInstalled(folder)
        }
    }

    @Test(.enabled(if: hasPip, "python3 is not on PATH"))
    func pipShowsWhyAHostedReleaseIsRefusedByNow() async throws {
        let policy = "version: 1\nmode: enforce\nrules: { block: [\"pkg:pypi/app@1.0\"] }\n"
        try await withShop(policy: policy) { scratch, folder in
            let form = UploadForm("app", "1.0", content: wheel())
            let upload = try await scratch.upload(form, token: scratch.admin)
            #expect(upload.status == 200)
            let hidden = try await shell(
                "python3 -m pip install --no-deps --target out --index-url \(index(scratch)) app",
                in: folder
            )
            #expect(hidden.status != 0 && hidden.text.contains("No matching distribution"), "\(hidden.text)")
            let hex = Digest.sha256(of: wheel()).hex
            let file = index(scratch).replacing("/simple/", with: "/files/\(hex)/app-1.0-py3-none-any.whl")
            let direct = try await shell("python3 -m pip install --no-deps --target out \(file)", in: folder)
            #expect(direct.status != 0 && direct.text.contains("policy.denied block"), "\(direct.text)")
        }
    }
}
