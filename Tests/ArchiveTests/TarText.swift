/// Writes tars for tests, wrong ones too.
struct TarText {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ name: String, type: Character = "0", body: [UInt8] = [], link: String = "", size: Int? = nil) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at start: Int) {
            header.replaceSubrange(start..<start + text.utf8.count, with: text.utf8)
        }
        put(name, at: 0)
        put("0000644\0", at: 100)
        let octal = String(size ?? body.count, radix: 8)
        put(String(repeating: "0", count: 11 - octal.count) + octal, at: 124)
        put("00000000000", at: 136)
        put(String(type), at: 156)
        put(link, at: 157)
        put("ustar\u{0}00", at: 257)
        put("        ", at: 148)
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
        bytes += header + body
        bytes += [UInt8](repeating: 0, count: (512 - body.count % 512) % 512)
    }

    /// A pax header for the entry that follows.
    mutating func pax(_ key: String, _ value: String, type: Character = "x") {
        var length = key.utf8.count + value.utf8.count + 3
        while length != String(length).utf8.count + key.utf8.count + value.utf8.count + 3 {
            length = String(length).utf8.count + key.utf8.count + value.utf8.count + 3
        }
        add("pax", type: type, body: Array("\(length) \(key)=\(value)\n".utf8))
    }

    var ended: [UInt8] { bytes + [UInt8](repeating: 0, count: 1_024) }
}
