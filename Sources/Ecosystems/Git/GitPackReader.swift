public import Core

/// Takes the pack out of an answer of `git-upload-pack` as it arrives, in whatever version and framing it came.
public struct GitPackReader {
    private var pending: [UInt8] = []
    private var isRaw = false
    /// What the server said on the error channel.
    public private(set) var complaint: String?
    /// Bytes of the pack so far; zero for an answer that only negotiates.
    public private(set) var packBytes: Int64 = 0

    public init() {}

    /// The next bytes of the pack that these bytes of the answer hold.
    public mutating func take(_ bytes: [UInt8]) throws(Malformed) -> [UInt8] {
        if isRaw {
            packBytes += Int64(bytes.count)
            return bytes
        }
        pending += bytes
        var pack: [UInt8] = []
        var place = 0
        while pending.count - place >= 4 {
            let head = pending[place..<(place + 4)]
            if head.elementsEqual("PACK".utf8) {
                // Without a side band the pack simply follows.
                pack += pending[place...]
                isRaw = true
                place = pending.count
                break
            }
            guard let length = PacketLines.length(head), length != 3 else {
                throw Malformed("the answer is no pkt-line stream")
            }
            guard length >= 4 else {
                place += 4
                continue
            }
            guard pending.count - place >= length else { break }
            let payload = pending[(place + 4)..<(place + length)]
            place += length
            switch payload.first {
            case 1: pack += payload.dropFirst()
            case 3: complaint = String(decoding: payload.dropFirst().prefix(1_000), as: UTF8.self)
            default:
                if payload.starts(with: Array("ERR ".utf8)) {
                    complaint = String(decoding: payload.dropFirst(4).prefix(1_000), as: UTF8.self)
                }
            }
        }
        pending.removeFirst(place)
        packBytes += Int64(pack.count)
        return pack
    }

    /// True where the answer ended between two packets.
    public var isWhole: Bool { pending.isEmpty }
}
