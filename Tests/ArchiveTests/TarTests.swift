import Archive
import Foundation
import Testing

@Suite struct TarTests {
    private func inspect(_ bytes: [UInt8], limits: ArchiveLimits = ArchiveLimits()) throws -> ArchiveContents {
        let scratch = try Scratch()
        return try ArchiveScan.inspect(path: scratch.file(bytes), kind: .tar, limits: limits) { _ in true }
    }

    private static var sample: TarText {
        var tar = TarText()
        tar.add("./", type: "5")
        tar.add("package/", type: "5")
        tar.add("package/package.json", body: Array("{}".utf8))
        tar.add("package/", type: "5")
        tar.pax("path", "package/" + String(repeating: "é", count: 120))
        tar.add("short", body: [UInt8](repeating: 7, count: 70_000))
        tar.add("package/lib/link", type: "2", link: "../package.json")
        tar.add("package/hard", type: "1", link: "package/package.json")
        return tar
    }

    @Test func readsEntriesInOrderInEveryCompression() throws {
        let scratch = try Scratch()
        let path = try scratch.file(Self.sample.ended)
        for program in [["cat"], ["gzip", "-c"], ["xz", "-c"], ["bzip2", "-c"], ["zstd", "-qc"]] {
            let bytes = try Scratch.output(of: program[0], program.dropFirst() + [path])
            // A program that this machine does not have prints nothing.
            guard !bytes.isEmpty else { continue }
            let contents = try inspect(bytes)
            #expect(
                contents.entries.map(\.kind) == [.directory, .directory, .file, .directory, .file, .symlink, .hardlink]
            )
            #expect(contents.entries[2].path == "package/package.json")
            #expect(contents.kept["package/package.json"] == Array("{}".utf8))
            #expect(contents.kept[contents.entries[4].path] == [UInt8](repeating: 7, count: 70_000))
        }
    }

    @Test(arguments: [
        ("../evil", "0", ""), ("a/../../b", "0", ""), ("/etc/x", "0", ""), ("C:\\x", "0", ""), ("\\\\unc\\x", "0", ""),
        ("a/..\\..\\b", "0", ""), ("dev", "3", ""), ("dev", "4", ""), ("pipe", "6", ""), ("l", "2", "/etc"),
        ("l", "2", "../x"), ("a/l", "2", "b/../../.."), ("a/l", "2", "../../x"), ("h", "1", "/etc/passwd"),
        ("h", "1", "../x"), ("h", "1", "nothing"), ("a/.. /b", "0", ""), ("l", "2", ""),
    ])
    func refusesEntriesThatLeaveTheArchive(name: String, type: String, link: String) throws {
        var tar = TarText()
        tar.add("fine", body: [1])
        tar.add(name, type: Character(type), link: link)
        let error = try #require(throws: ArchiveError.self) { _ = try inspect(tar.ended) }
        guard case .unsafeEntry = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test func refusesWhatStandsInALinkOrTwice() throws {
        for names in [
            [("a", "2"), ("a/b", "0")], [("a/b", "0"), ("a", "2")], [("a", "0"), ("./a", "0")],
            [("a", "0"), ("a/b", "0")],
        ] {
            var tar = TarText()
            for (name, type) in names { tar.add(name, type: Character(type), link: type == "2" ? "x" : "") }
            #expect(throws: ArchiveError.self) { _ = try inspect(tar.ended) }
        }
    }

    @Test(arguments: ["512", "-1", "9223372036854775808", "1e9", "", "+0"])
    func refusesAPaxSizeThatIsNotTheHeaders(size: String) throws {
        var tar = TarText()
        tar.pax("size", size)
        tar.add("file")
        tar.add("next", body: [UInt8](repeating: 0, count: 512))
        #expect(throws: ArchiveError.self) { _ = try inspect(tar.ended) }
    }

    @Test func refusesDamageAtAnyPlace() throws {
        let whole = Self.sample.ended
        for place in stride(from: 0, to: whole.count - 1_024, by: 97) {
            #expect(throws: ArchiveError.self) { _ = try inspect(Array(whole[..<(place + 1)])) }
        }
        #expect(throws: ArchiveError.self) { _ = try inspect(whole + [1]) }
        var lying = TarText()
        lying.add("big", size: 8_000_000_000)
        #expect(throws: ArchiveError.self) { _ = try inspect(lying.ended) }
    }

    @Test func holdsToTheLimits() throws {
        var tar = TarText()
        for index in 0..<20 { tar.add("file\(index)", body: [1]) }
        let few = ArchiveLimits(entries: 19)
        #expect(throws: ArchiveError.self) { _ = try inspect(tar.ended, limits: few) }
        #expect(throws: ArchiveError.self) { _ = try inspect(tar.ended, limits: ArchiveLimits(totalBytes: 4_000)) }
        #expect(throws: ArchiveError.self) { _ = try inspect(tar.ended, limits: ArchiveLimits(entryBytes: 0)) }
    }

    @Test func noFileOfTheCorpusDoesHarm() throws {
        let limits = ArchiveLimits(entries: 10_000, totalBytes: 64 << 20)
        for name in try Scratch.names(in: "libarchive") {
            let path = Scratch.fixtures.appending(path: "libarchive/\(name)").path
            for kind in [ArchiveKind.tar, .zip, .deb] {
                for isLenient in [false, true] {
                    _ = try? ArchiveScan.inspect(
                        path: path,
                        kind: kind,
                        limits: limits,
                        allowsDataDescriptors: isLenient
                    ) { _ in true }
                }
            }
            try? ArchiveScan.gunzip(path: path, limit: 64 << 20) { _ in }
        }
    }
}
