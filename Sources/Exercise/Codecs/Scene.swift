internal import Core

/// The bytes of a codec's exercise: a head of lines, a blank line, and documents.
///
///     GET https://registry.npmjs.org/left-pad
///     accept: application/json
///     type: application/json
///
///     {"name": "left-pad", …}
///     === companion
///     …
///
/// Further lines of the head: `at` (the address after redirects), `modified`, `digest`, `agent`, `lock` (the documents is then
/// a lockfile of that name too), `file` and `entry` (the documents are then entries of that archive), `versions`, `env`, `field`.
/// All are optional, so that the fuzzer may drop what it likes.
struct Scene {
    let method: String
    let url: HTTPURL
    private let fields: [String: [String]]
    /// The index, the lockfile, the body of a POST, or the first entry; companions or further entries follow.
    let documents: [[UInt8]]

    init(_ bytes: [UInt8], for ecosystem: any Ecosystem) {
        let blank: [UInt8] = [0x0A, 0x0A]
        let end = bytes.firstRange(of: blank)
        let head = String(decoding: bytes[..<(end?.lowerBound ?? bytes.count)], as: UTF8.self)
        let lines = head.split(separator: "\n", omittingEmptySubsequences: false)
        let first = (lines.first ?? "").split(separator: " ", maxSplits: 1)
        method = first.count == 2 ? String(first[0]) : "GET"
        url = (try? HTTPURL(String(first.last ?? ""))) ?? Scene.home(of: ecosystem)
        var fields: [String: [String]] = [:]
        for line in lines.dropFirst().prefix(64) {
            let pair = line.split(separator: ":", maxSplits: 1)
            guard pair.count == 2 else { continue }
            fields[String(pair[0]), default: []].append(String(pair[1].drop { $0 == " " }))
        }
        self.fields = fields
        documents = Scene.documents(bytes[(end?.upperBound ?? bytes.count)...])
    }

    private static func documents(_ bytes: ArraySlice<UInt8>) -> [[UInt8]] {
        let mark = Array("\n=== companion\n".utf8)
        var documents: [[UInt8]] = []
        var rest = bytes
        while documents.count < 8, let next = rest.firstRange(of: mark) {
            documents.append(Array(rest[..<next.lowerBound]))
            rest = rest[next.upperBound...]
        }
        return documents + [Array(rest)]
    }

    /// A place where requests of this ecosystem may go.
    private static func home(of ecosystem: any Ecosystem) -> HTTPURL {
        let origin = ecosystem.defaultOrigin ?? Origin(.https, ecosystem.hosts.first ?? "files.example")
        guard let url = try? HTTPURL(origin: origin, target: "/") else {
            preconditionFailure("the root of an origin is an address")
        }
        return url
    }

    subscript(name: String) -> String? { fields[name]?.first }

    func all(_ name: String) -> [String] { fields[name] ?? [] }

    var body: [UInt8] { documents.first ?? [] }

    var request: Request {
        Request(
            method: method,
            url: url.withoutFragment,
            accept: self["accept"] ?? "",
            userAgent: self["agent"] ?? "",
            body: method == "POST" ? body : []
        )
    }

    /// The document as the gateway hands it over.
    func document(_ bytes: [UInt8]) -> Document {
        Document(
            bytes,
            contentType: self["type"] ?? "application/octet-stream",
            url: self["at"].flatMap { try? HTTPURL($0) } ?? request.url,
            modified: self["modified"].flatMap { Timestamp(httpDate: $0) },
            digest: self["digest"].flatMap { Digest($0) }
        )
    }

    /// Which of so many is meant: by the bytes, so that the fuzzer reaches each.
    func choice(of count: Int) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in body { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3 }
        return Int(hash % UInt64(max(1, count)))
    }
}
