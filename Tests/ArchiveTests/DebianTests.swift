import Archive
import Testing

@Suite struct DebianTests {
    private static func member(_ name: String, _ body: [UInt8]) -> [UInt8] {
        func padded(_ text: String, _ count: Int) -> String {
            text + String(repeating: " ", count: count - text.utf8.count)
        }
        let header = padded(name, 16) + padded("0", 12) + padded("0", 6) + padded("0", 6) + padded("100644", 8)
        return Array((header + padded(String(body.count), 10) + "`\n").utf8) + body
            + (body.count % 2 == 0 ? [] : [0x0A])
    }

    private static func package(_ members: [String]) -> [UInt8] {
        var control = TarText()
        control.add("./", type: "5")
        control.add("./control", body: Array("Package: hello\nVersion: 1\n".utf8))
        var data = TarText()
        data.add("./usr/bin/hello", body: [1, 2, 3])
        let bodies = [
            "debian-binary": Array("2.0\n".utf8), "control.tar": control.ended, "data.tar": data.ended, "_gpg": [1],
        ]
        return Array("!<arch>\n".utf8) + members.flatMap { member($0, bodies[$0] ?? []) }
    }

    private func control(_ bytes: [UInt8]) throws -> String {
        let scratch = try Scratch()
        return String(decoding: try ArchiveScan.debControl(path: scratch.file(bytes)), as: UTF8.self)
    }

    @Test func givesTheControlFile() throws {
        let bytes = Self.package(["debian-binary", "control.tar", "data.tar"])
        #expect(try control(bytes) == "Package: hello\nVersion: 1\n")
        #expect(try control(Self.package(["debian-binary", "_gpg", "control.tar", "data.tar"])).hasPrefix("Package"))
        let scratch = try Scratch()
        let contents = try ArchiveScan.inspect(path: scratch.file(bytes), kind: .deb) { _ in false }
        #expect(contents.entries.map(\.path) == ["", "control", "usr/bin/hello"])
    }

    @Test(arguments: [
        ["debian-binary", "data.tar", "control.tar"], ["control.tar", "data.tar"],
        ["debian-binary", "control.tar", "control.tar", "data.tar"], ["debian-binary", "control.tar"], [],
        ["debian-binary", "control.tar", "data.tar", "extra"],
    ])
    func refusesOtherMembersOrAnotherOrder(members: [String]) {
        #expect(throws: ArchiveError.self) { _ = try control(Self.package(members)) }
    }

    @Test func refusesADamagedHeader() {
        let bytes = Self.package(["debian-binary", "control.tar", "data.tar"])
        for place in [8 + 48, 8 + 58, 72 + 50] {
            var damaged = bytes
            damaged[place] = 0x7A
            #expect(throws: ArchiveError.self) { _ = try control(damaged) }
        }
        #expect(throws: ArchiveError.self) { _ = try control(Array(bytes.dropLast(1_000))) }
    }
}
