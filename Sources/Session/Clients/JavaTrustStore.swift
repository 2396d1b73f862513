internal import Core
internal import Storage

/// A Java key store, version 2, of certificates only. They stand in it unencrypted behind a SHA-1 that the password goes
/// into, so that it is written without Java's own tools.
enum JavaTrustStore {
    private static let magic: UInt32 = 0xFEED_FEED
    private static let limit = 10_000

    /// The store; the same certificate twice is written once. The password need not be secret, only known to the JVM.
    static func write(_ certificates: [[UInt8]], password: String) -> [UInt8] {
        var seen: Set<Entry> = []
        let entries = certificates.filter { seen.insert(Entry(certificate: $0)).inserted }
        var body: [UInt8] = []
        body.reserveCapacity(entries.reduce(64) { $0 + $1.count + 48 })
        append(magic, to: &body)
        append(UInt32(2), to: &body)
        append(UInt32(entries.count), to: &body)
        for (number, certificate) in entries.enumerated() {
            append(UInt32(2), to: &body)
            append("purser-\(number)", to: &body)
            // When it was added: nobody reads it, and the same certificates shall give the same bytes.
            append(UInt64(0), to: &body)
            append("X.509", to: &body)
            append(UInt32(certificate.count), to: &body)
            body += certificate
        }
        return body + seal(body, password)
    }

    /// The trusted certificates of a store that somebody else wrote; nil when it is of another kind or damaged. Private
    /// keys are passed over. The seal is not checked: who names a store trusts it.
    static func read(_ store: [UInt8]) -> [[UInt8]]? {
        var reader = Reader(store.dropLast(20))
        guard reader.number32() == magic, let version = reader.number32(), version == 1 || version == 2,
            let count = reader.number32(), count <= limit
        else { return nil }
        var certificates: [[UInt8]] = []
        for _ in 0..<count {
            guard let kind = reader.number32(), reader.text() != nil, reader.take(8) != nil else { return nil }
            if kind == 1 {
                guard reader.long() != nil, let chain = reader.number32(), chain <= limit else { return nil }
                for _ in 0..<chain { guard reader.certificate(version) != nil else { return nil } }
            } else {
                guard kind == 2, let certificate = reader.certificate(version) else { return nil }
                certificates.append(Array(certificate))
            }
        }
        return certificates
    }

    /// The certificates of a PEM bundle, in its order. What is no certificate is passed over.
    static func certificates(inPEM text: [UInt8]) -> [[UInt8]] {
        var certificates: [[UInt8]] = []
        var open: [UInt8]?
        for line in text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            if line.elementsEqual("-----BEGIN CERTIFICATE-----".utf8) {
                open = []
            } else if line.elementsEqual("-----END CERTIFICATE-----".utf8) {
                if let bytes = open.flatMap(Base64.decode) { certificates.append(bytes) }
                open = nil
            } else {
                open?.append(contentsOf: line)
            }
        }
        return certificates
    }

    /// A certificate ends with its signature, which tells it from others: no need to go through all of it.
    private struct Entry: Hashable {
        let certificate: [UInt8]

        func hash(into hasher: inout Hasher) { for byte in certificate.suffix(16) { hasher.combine(byte) } }
    }

    private static func seal(_ body: [UInt8], _ password: String) -> [UInt8] {
        var stream = DigestStream([.sha1])
        stream.update(password.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
        stream.update(Array("Mighty Aphrodite".utf8))
        stream.update(body)
        return stream.digests.first { $0.algorithm == .sha1 }.flatMap { Hex.decode($0.hex) } ?? []
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        append(UInt16(text.utf8.count), to: &bytes)
        bytes += text.utf8
    }

    /// Reads from the front; nil where the store ends too early.
    private struct Reader {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

        mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard count >= 0, count <= rest.count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }

        mutating func number32() -> UInt32? { take(4)?.reduce(0) { $0 << 8 | UInt32($1) } }

        mutating func text() -> ArraySlice<UInt8>? {
            guard let count = take(2)?.reduce(0, { $0 << 8 | Int($1) }) else { return nil }
            return take(count)
        }

        /// Bytes behind their number.
        mutating func long() -> ArraySlice<UInt8>? { number32().flatMap { take(Int($0)) } }

        mutating func certificate(_ version: UInt32) -> ArraySlice<UInt8>? {
            if version == 2, text() == nil { return nil }
            return long()
        }
    }
}
