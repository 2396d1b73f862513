/// The members of a Debian package: `debian-binary`, then `control.tar`, then `data.tar`, as deb(5) has them.
struct DebianMembers {
    let control: FileRegion
    let data: FileRegion

    var tars: [FileRegion] { [control, data] }

    init(_ file: OpenFile) throws(ArchiveError) {
        guard file.size >= 8, try file.readAll(at: 0, count: 8).elementsEqual("!<arch>\n".utf8) else {
            throw .malformed("not a Debian package")
        }
        var at: Int64 = 8
        var members: [(name: String, region: FileRegion)] = []
        while at < file.size {
            guard members.count < 16 else { throw .tooLarge("more than 16 members") }
            let member = try Self.member(file, at: at)
            at = member.region.range.upperBound
            at += at % 2
            // dpkg skips members whose name starts with an underscore.
            if !member.name.hasPrefix("_") { members.append(member) }
        }
        guard members.count == 3, members[0].name == "debian-binary",
            Self.isTar(members[1].name, "control"), Self.isTar(members[2].name, "data")
        else { throw .malformed("members are not debian-binary, control.tar, data.tar in this order") }
        let version = members[0].region.range
        let text = try file.readAll(
            at: version.lowerBound,
            count: Int(Swift.min(4, version.upperBound - version.lowerBound))
        )
        guard text.elementsEqual("2.0\n".utf8) || text.starts(with: "2.".utf8) else {
            throw .malformed("unknown version of the package format")
        }
        control = members[1].region
        data = members[2].region
    }

    private static func isTar(_ name: String, _ stem: String) -> Bool {
        ["", ".gz", ".xz", ".zst", ".bz2"].contains { name == stem + ".tar" + $0 }
    }

    private static func member(_ file: OpenFile, at: Int64) throws(ArchiveError) -> (name: String, region: FileRegion) {
        let header = try file.readAll(at: at, count: 60)
        guard header[58] == 0x60, header[59] == 0x0A else { throw .malformed("member header is damaged") }
        var name = header[0..<16].prefix { $0 != 0x20 }
        // The System V form ends a name with a slash.
        if name.last == UInt8(ascii: "/") { name.removeLast() }
        let digits = header[48..<58].prefix { $0 != 0x20 }
        let rest = header[48..<58].dropFirst(digits.count)
        guard !digits.isEmpty, digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }), rest.allSatisfy({ $0 == 0x20 }),
            let size = Int64(String(decoding: digits, as: UTF8.self)), size <= file.size - at - 60
        else { throw .malformed("member size is wrong") }
        let region = FileRegion(file: file, range: at + 60..<at + 60 + size)
        return (String(decoding: name, as: UTF8.self), region)
    }
}
