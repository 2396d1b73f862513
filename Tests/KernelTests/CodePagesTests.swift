import Kernel
import Testing

@Suite("Code that is given back")
struct CodePagesTests {
    /// KiB of files that are mapped.
    private func mapped() throws -> Int {
        let status = String(decoding: try Files.readAll("/proc/self/status"), as: UTF8.self)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
        return try #require(line.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) })
    }

    @Test func `It leaves memory, and runs all the same`() throws {
        let before = try mapped()
        CodePages.giveBack()
        let after = try mapped()
        #expect(after < before, "\(before) to \(after) KiB")
        #expect((1...10).reduce(0, +) == 55)
    }
}
