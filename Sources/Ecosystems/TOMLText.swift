internal import Core

/// A table of a TOML document. Tables are shared while a document is read, since later headers add to earlier ones.
final class TOMLTable {
    fileprivate(set) var members: [String: TOMLValue] = [:]

    subscript(key: String) -> TOMLValue? { members[key] }
}

/// What TOML can say, as far as lockfiles need it: numbers, dates and booleans stay text.
enum TOMLValue {
    case text(String)
    case array([TOMLValue])
    case table(TOMLTable)
    /// `[[name]]`: grows while the document is read.
    case tables(TOMLTables)

    var string: String? { if case .text(let text) = self { text } else { nil } }

    var table: TOMLTable? { if case .table(let table) = self { table } else { nil } }

    /// The tables of an array, however it is written.
    var list: [TOMLTable] {
        switch self {
        case .tables(let tables): tables.items
        case .array(let items): items.compactMap(\.table)
        case .table, .text: []
        }
    }
}

/// The tables under one `[[name]]`.
final class TOMLTables {
    fileprivate(set) var items: [TOMLTable] = []
}

/// Reads TOML 1.0 as package managers write it. Lenient where it does no harm (a scalar's form is not judged), strict where
/// two readers could see two documents: no key twice, no header over a value.
struct TOMLText {
    private var values: TOMLScanner
    private let root = TOMLTable()

    private init(_ bytes: [UInt8]) { values = TOMLScanner(bytes) }

    static func parse(_ bytes: [UInt8], maximumBytes: Int = 64 << 20) throws(Malformed) -> TOMLTable {
        guard bytes.count <= maximumBytes else { throw Malformed("the file is longer than \(maximumBytes) bytes") }
        var reader = TOMLText(bytes)
        return try reader.document()
    }

    private mutating func document() throws(Malformed) -> TOMLTable {
        var current = root
        while true {
            values.skipEmptyLines()
            guard let byte = values.peek() else { return root }
            if byte == UInt8(ascii: "[") {
                current = try header()
            } else {
                let path = try values.keys()
                try values.expect("=")
                try TOMLText.put(values.value(depth: 0), at: path, in: current, offset: values.at)
            }
            try values.expectLineEnd()
        }
    }

    private mutating func header() throws(Malformed) -> TOMLTable {
        try values.expect("[")
        let isList = values.take("[")
        let path = try values.keys()
        try values.expect(isList ? "]]" : "]")
        let parent = try TOMLText.walk(path.dropLast(), from: root, offset: values.at)
        guard let name = path.last else { return parent }
        if !isList { return try TOMLText.walk([name], from: parent, offset: values.at) }
        let table = TOMLTable()
        switch parent.members[name] {
        case nil:
            let tables = TOMLTables()
            tables.items = [table]
            parent.members[name] = .tables(tables)
        case .tables(let tables)?: tables.items.append(table)
        default: throw Malformed("'\(name)' is both a value and a list of tables", offset: values.at)
        }
        return table
    }

    /// The table at `path`, made where it is missing; of a list of tables, the last one.
    private static func walk(_ path: some Collection<String>, from start: TOMLTable, offset: Int) throws(Malformed)
        -> TOMLTable
    {
        var table = start
        for key in path {
            switch table.members[key] {
            case nil:
                let next = TOMLTable()
                table.members[key] = .table(next)
                table = next
            case .table(let next)?: table = next
            case .tables(let tables)?: table = tables.items.last ?? table
            default: throw Malformed("'\(key)' is both a value and a table", offset: offset)
            }
        }
        return table
    }

    fileprivate static func put(_ value: TOMLValue, at path: [String], in table: TOMLTable, offset: Int)
        throws(Malformed)
    {
        let parent = try walk(path.dropLast(), from: table, offset: offset)
        guard let name = path.last, parent.members.updateValue(value, forKey: name) == nil else {
            throw Malformed("the key '\(path.joined(separator: "."))' stands there twice", offset: offset)
        }
    }
}

extension TOMLScanner {
    /// An inline table, behind its `{`.
    mutating func inlineTable(depth: Int) throws(Malformed) -> TOMLTable {
        let table = TOMLTable()
        skipBlanksAndLines()
        while !take("}") {
            let path = try keys()
            try expect("=")
            try TOMLText.put(value(depth: depth + path.count), at: path, in: table, offset: at)
            skipBlanksAndLines()
            if take(",") {
                skipBlanksAndLines()
            } else if peek() != UInt8(ascii: "}") {
                throw Malformed("an inline table has no end", offset: at)
            }
        }
        return table
    }
}
