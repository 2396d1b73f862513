import Core
import Foundation
import Kernel

@testable import Session

/// A folder that is removed with the value.
final class Scratch: Sendable {
    let folder: String

    init() throws {
        folder = "/tmp/purser-session-tests-\(UUID().uuidString)"
        try Files.makeFolder(folder)
    }

    deinit { try? Files.removeTree(folder) }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let path = path(name)
        try Files.makeFolder(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
        try Files.writeAtomically(path, bytes, durably: false)
    }

    /// A plan for this folder, as `purser run` would make it.
    func plan(_ flags: [String: [String]] = [:], environment: [String: String] = [:]) throws -> Plan {
        var flags = flags
        flags["cache"] = flags["cache"] ?? ["off"]
        return try Plan.local(
            Invocation(
                flags: flags,
                environment: ["TMPDIR": folder].merging(environment) { _, new in new },
                folder: folder,
                program: OwnProgram("purser"),
                version: "0"
            )
        )
    }
}

/// The problem that `body` throws, or nil.
func problem(_ body: () throws -> Void) -> Problem? {
    do { try body() } catch { return error as? Problem }
    return nil
}
