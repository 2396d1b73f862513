internal import Core

/// Popular names of one ecosystem, found by names that are one slip away from them or look the same.
///
/// Each name is kept as its skeleton (what the eye makes of it) and as all that are left when one character of that is
/// dropped; two names one insertion, deletion, change or swap apart share one of these.
struct LookalikeNames: Sendable {
    private let names: [[UInt8]]
    private let exact: Set<[UInt8]>
    private let byHash: [UInt64: [Int32]]
    /// Below this everything is near to everything.
    private static let shortest = 5

    init(_ names: [String], type: String) {
        let keys = names.map { Array(Purl.registryKey(type: type, path: $0).utf8.dropFirst(type.utf8.count + 1)) }
        self.names = keys
        exact = Set(keys)
        var byHash: [UInt64: [Int32]] = [:]
        for (at, name) in keys.enumerated() {
            let skeleton = LookalikeNames.skeleton(name)
            guard skeleton.count >= LookalikeNames.shortest else { continue }
            LookalikeNames.eachHash(skeleton) { hash in
                byHash[hash, default: []].append(Int32(at))
                return false
            }
        }
        self.byHash = byHash
    }

    /// The popular name that this one could be taken for; nil for a popular name itself.
    func lookalike(of name: some Collection<UInt8>) -> String? {
        let name = Array(name)
        let skeleton = LookalikeNames.skeleton(name)
        guard skeleton.count + 1 >= LookalikeNames.shortest, skeleton.count <= 64, !exact.contains(name) else {
            return nil
        }
        var found: Int?
        LookalikeNames.eachHash(skeleton) { hash in
            guard let candidates = byHash[hash] else { return false }
            found = candidates.first {
                LookalikeNames.isNear(skeleton, LookalikeNames.skeleton(names[Int($0)]))
            }.map(Int.init)
            return found != nil
        }
        return found.map { String(decoding: names[$0], as: UTF8.self) }
    }

    /// What the eye makes of a name: no separators, one letter for those that look the same.
    static func skeleton(_ name: [UInt8]) -> [UInt8] {
        var skeleton: [UInt8] = []
        skeleton.reserveCapacity(name.count)
        for byte in name {
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "@"), UInt8(ascii: "/"): break
            case UInt8(ascii: "0"): skeleton.append(UInt8(ascii: "o"))
            case UInt8(ascii: "1"), UInt8(ascii: "i"), UInt8(ascii: "I"): skeleton.append(UInt8(ascii: "l"))
            case UInt8(ascii: "5"): skeleton.append(UInt8(ascii: "s"))
            case 0x41...0x5A: skeleton.append(byte + 0x20)
            // `rn` reads as `m`, `vv` as `w`.
            case UInt8(ascii: "n") where skeleton.last == UInt8(ascii: "r"):
                skeleton[skeleton.count - 1] = UInt8(ascii: "m")
            case UInt8(ascii: "v") where skeleton.last == UInt8(ascii: "v"):
                skeleton[skeleton.count - 1] = UInt8(ascii: "w")
            default: skeleton.append(byte)
            }
        }
        return skeleton
    }

    /// Hashes of the text and of all that are left when one byte is dropped (FNV-1a); until the body says that it has found.
    private static func eachHash(_ text: [UInt8], _ body: (UInt64) -> Bool) {
        for dropped in -1..<text.count {
            // A run of one byte leaves the same whichever is dropped.
            if dropped > 0, text[dropped] == text[dropped - 1] { continue }
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for (at, byte) in text.enumerated() where at != dropped { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            if body(hash) { return }
        }
    }

    /// At most one insertion, deletion, change or swap of neighbours apart.
    static func isNear(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard abs(a.count - b.count) <= 1 else { return false }
        var start = 0
        while start < min(a.count, b.count), a[start] == b[start] { start += 1 }
        let (left, right) = (a[start...], b[start...])
        if left.count != right.count {
            return left.count > right.count
                ? left.dropFirst().elementsEqual(right) : right.dropFirst().elementsEqual(left)
        }
        if left.isEmpty || left.dropFirst().elementsEqual(right.dropFirst()) { return true }
        guard left.count >= 2, left[start] == right[start + 1], left[start + 1] == right[start] else { return false }
        return left.dropFirst(2).elementsEqual(right.dropFirst(2))
    }

    /// Of every ecosystem that has a list.
    static let popular: [String: LookalikeNames] = {
        var all: [String: LookalikeNames] = [:]
        for (type, names) in texts { all[type] = LookalikeNames(names, type: type) }
        return all
    }()

    static let texts: [String: [String]] = [
        "npm": words(PopularNames.npm), "pypi": words(PopularNames.pypi), "cargo": words(PopularNames.cargo),
        "gem": words(PopularNames.gem), "composer": words(PopularNames.composer), "nuget": words(PopularNames.nuget),
    ]

    private static func words(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
