internal import Core
internal import Kernel

/// A private folder for one test, gone when it is let go.
public final class Scratch: Sendable {
    public let path: String

    public convenience init() throws {
        let name = Hex.encode(try ProcessIdentity.randomBytes(8))
        try self.init(at: "/tmp/purser-test-\(name)")
    }

    public init(at path: String) throws {
        self.path = path
        try Files.makeFolder(path)
    }

    deinit { try? Files.removeTree(path) }

    /// A path inside, which need not exist.
    public func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    public func write(_ bytes: [UInt8], to name: String) throws {
        try Files.writeAtomically(self(name), bytes, durably: false)
    }

    public func read(_ name: String) throws -> [UInt8] { try Files.readAll(self(name)) }

    /// Every file below a folder, by its path from there; empty for one that is not there.
    public func files(below name: String) -> [String] { Scratch.files(below: self(name)) }

    public static func files(below folder: String) -> [String] {
        let names = (try? Files.list(folder)) ?? []
        return names.flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            guard (try? Files.stat(path))?.isFolder == true else { return [name] }
            return files(below: path).map { "\(name)/\($0)" }
        }
        .sorted()
    }
}
