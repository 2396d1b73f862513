/// Named texts as one message: `name=value`, a zero byte behind each; a name may come several times.
struct Fields: Hashable, Sendable {
    private(set) var all: [String: [String]] = [:]

    init() {}

    init(_ bytes: [UInt8]) {
        for part in bytes.split(separator: 0) {
            let text = String(decoding: part, as: UTF8.self)
            guard let sign = text.firstIndex(of: "=") else { continue }
            add(String(text[text.index(after: sign)...]), as: String(text[..<sign]))
        }
    }

    subscript(name: String) -> String { all[name]?.first ?? "" }

    func list(_ name: String) -> [String] { all[name] ?? [] }

    mutating func add(_ value: String, as name: String) { all[name, default: []].append(value) }

    mutating func add(_ values: [String], as name: String) { for value in values { add(value, as: name) } }

    /// Values with a zero byte in them cannot be said, and no path or variable has one.
    var bytes: [UInt8] {
        all.sorted { $0.key < $1.key }.flatMap { name, values in
            values.filter { !$0.utf8.contains(0) }.flatMap { Array("\(name)=\($0)".utf8) + [0] }
        }
    }
}
