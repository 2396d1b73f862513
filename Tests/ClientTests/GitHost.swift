import Core
import Kernel
import TestKit

/// Real repositories behind the fake, spoken for by `git upload-pack` itself.
struct GitHost: Sendable {
    let shop: Workshop
    private var root: String { shop.scratch("repositories") }

    /// One that is `damaging` changes a byte of every pack.
    static func open(_ shop: Workshop, damaging: Bool = false) async throws -> GitHost {
        let host = GitHost(shop: shop)
        try Files.makeFolder(host.root)
        shop.fake.serve(below: "/git/") { request in
            var answer = await host.answer(request)
            let count = answer.body.count
            if damaging, request.method == "POST", count > 5_000 { answer.body[count - 3_000] ^= 1 }
            return answer
        }
        return host
    }

    /// A repository `OWNER/NAME` of two commits, the first one with these tags.
    func makeRepository(
        _ name: String,
        submodule: String? = nil,
        files: [String: String] = [:],
        tags: [String] = ["v1"]
    ) async throws {
        for (path, text) in files {
            let place = "\(root)/\(name)/\(path)"
            try Files.makeFolder(String(place[..<(place.lastIndex(of: "/") ?? place.endIndex)]))
            try Files.writeAtomically(place, Array(text.utf8), durably: false)
        }
        let add = submodule.map { "git -c protocol.file.allow=always submodule --quiet add \($0) part" } ?? "true"
        let ending = try await shop.plain(
            """
            set -e; mkdir -p '\(root)/\(name)'; cd '\(root)/\(name)'
            export GIT_AUTHOR_DATE='2024-01-10T08:00:00Z' GIT_COMMITTER_DATE='2024-01-10T08:00:00Z'
            git init -q -b main .; git config user.email a@example.org; git config user.name A
            seq 1 3000 > numbers; git add .; git commit -qm one; for tag in \(tags.joined(separator: " ")); do git tag $tag; done
            echo two >> numbers; \(add); git add .; git commit -qm two
            git config uploadpack.allowAnySHA1InWant true; git config uploadpack.allowFilter true
            """
        )
        guard ending.status == 0 else { throw Malformed("no repository: \(ending.text)") }
    }

    func head(_ name: String, _ revision: String = "HEAD") async throws -> String {
        String(try await shop.plain("git -C '\(root)/\(name)' rev-parse \(revision)").output.prefix(40))
    }

    private func answer(_ request: SeenRequest) async -> FakeAnswer {
        let path = request.target.prefix { $0 != "?" }
        let isListing = path.hasSuffix("/info/refs")
        let name = path.dropFirst("/git/".count)
            .replacing(isListing ? "/info/refs" : "/git-upload-pack", with: "").replacing(".git", with: "")
        guard Files.exists("\(root)/\(name)/.git") else { return FakeAnswer(status: 404, body: "no repository\n") }
        var environment = shop.environment
        environment["GIT_PROTOCOL"] = request.header("Git-Protocol") ?? ""
        let arguments =
            ["git", "upload-pack", "--stateless-rpc"] + (isListing ? ["--advertise-refs"] : []) + ["\(root)/\(name)"]
        guard
            let report = try? await ChildProcess.run(
                ChildCommand(arguments, environment: environment),
                input: request.body,
                limits: RunLimits(outputBytes: 64 << 20, seconds: 60)
            ), report.exit == .exited(0) || !report.output.isEmpty
        else { return FakeAnswer(status: 500, body: "upload-pack failed\n") }
        let isNew = request.header("Git-Protocol")?.contains("version=2") ?? false
        let service = isNew ? "" : "001e# service=git-upload-pack\n0000"
        let start = isListing ? Array((isNew ? "001e# service=git-upload-pack\n0000" : service).utf8) : []
        let kind = isListing ? "advertisement" : "result"
        return FakeAnswer(start + report.output, type: "application/x-git-upload-pack-\(kind)")
    }
}
