import Core
import Gateway
import Kernel
import TestKit
import Testing

/// A disk that fills up at any moment. Needs the right to mount; without it there is nothing to test here.
@Suite(.serialized) struct FullDiskTests {
    /// A file system of 8 MiB.
    struct TinyDisk {
        let path: String

        /// Leaves this much room.
        func fill(leaving bytes: Int) throws {
            empty()
            let free = Int(try Files.freeSpace(path).available)
            let filler = [UInt8](repeating: 1, count: max(0, free - bytes))
            // Its own pages for names may take the last few.
            try? Files.openAppending(path + "/filler").append(filler)
        }

        func empty() { try? Files.unlink(path + "/filler") }
    }

    private static func withTinyDisk(_ body: (TinyDisk) async throws -> Void) async throws {
        let scratch = try Scratch()
        let path = scratch("disk")
        try Files.makeFolder(path)
        guard await run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", path]) else { return }
        do { try await body(TinyDisk(path: path)) } catch { Issue.record(error) }
        _ = await run(["umount", "-l", path])
    }

    private static func run(_ arguments: [String]) async -> Bool {
        let command = ChildCommand(arguments, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
        return (try? await ChildProcess.run(command))?.exit == .exited(0)
    }

    @Test(arguments: Package.Kind.claimed)
    func noClientGetsHalfAFileAndAllHealsWithRoom(_ kind: Package.Kind) async throws {
        try await Self.withTinyDisk { disk in
            let job = try Scratch(at: disk.path + "/job")
            try await Scene.with(scratch: job) { scene async throws in
                for room in stride(from: 0, through: 131_072, by: 16_384) {
                    let package = Package.make(kind, size: 40_000, name: "demo\(room)")
                    package.serve(on: scene.fake)
                    try disk.fill(leaving: room)
                    let index = try await scene.announce(package)
                    let taken = try await scene.ask(package.url)
                    for answer in [index, taken].compactMap(\.self) where !answer.isComplete {
                        #expect(answer.status == 507 && answer.code == "storage.full", "\(room) \(answer.reason ?? "")")
                    }
                    #expect(!taken.isComplete || taken.body == package.bytes)
                    disk.empty()
                    try await scene.announce(package)
                    let healed = try await scene.ask(package.url)
                    #expect(healed.isComplete && healed.body == package.bytes)
                }
                #expect(job.files(below: "cache/staged").isEmpty)
            }
        }
    }
}
