/// The keys of the objects that are open, as hashes with a secret seed, so that finding a duplicate stays cheap for
/// a hostile text too.
struct KeyCensus {
    private struct Mark {
        let hash: UInt64
        let start: UInt32
    }

    private var marks: [Mark] = []
    private let seed = UInt64.random(in: .min ... .max)

    var count: Int { marks.count }

    mutating func add(keyAt start: Int, until end: Int, isEscaped: Bool, in bytes: [UInt8]) {
        // An object with an escaped key is compared as strings when it closes.
        marks.append(Mark(hash: isEscaped ? 0 : hash(bytes, start + 1..<end - 1), start: UInt32(start)))
    }

    /// Forgets the keys from number `first` on; gives where a key stands that was there before, if one does.
    mutating func close(from first: Int, hasWideKey: Bool, in bytes: [UInt8]) -> Int? {
        defer { marks.removeSubrange(first...) }
        guard marks.count - first > 1 else { return nil }
        return hasWideKey ? duplicateString(from: first, in: bytes) : duplicateHash(from: first, in: bytes)
    }

    /// Swift compares by canonical equivalence; so must this, or a dictionary of the members would lose one.
    private func duplicateString(from first: Int, in bytes: [UInt8]) -> Int? {
        var seen: Set<String> = []
        for mark in marks[first...] {
            guard seen.insert(JSONSkim.string(bytes, at: Int(mark.start))).inserted else { return Int(mark.start) }
        }
        return nil
    }

    private mutating func duplicateHash(from first: Int, in bytes: [UInt8]) -> Int? {
        if marks.count - first <= 12 {
            for later in first + 1..<marks.count {
                for earlier in first..<later where isSame(earlier, later, in: bytes) { return Int(marks[later].start) }
            }
            return nil
        }
        marks[first...].sort { ($0.hash, $0.start) < ($1.hash, $1.start) }
        for later in first + 1..<marks.count {
            var earlier = later - 1
            while earlier >= first, marks[earlier].hash == marks[later].hash {
                if isSame(earlier, later, in: bytes) { return Int(marks[later].start) }
                earlier -= 1
            }
        }
        return nil
    }

    private func isSame(_ one: Int, _ other: Int, in bytes: [UInt8]) -> Bool {
        guard marks[one].hash == marks[other].hash else { return false }
        return JSONSkim.string(bytes, at: Int(marks[one].start)) == JSONSkim.string(bytes, at: Int(marks[other].start))
    }

    private func hash(_ bytes: [UInt8], _ range: Range<Int>) -> UInt64 {
        var hash = seed ^ UInt64(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            var word: UInt64 = 0
            let stop = Swift.min(index + 8, range.upperBound)
            while index < stop {
                word = word << 8 | UInt64(bytes[index])
                index += 1
            }
            let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
            hash = (product.high ^ product.low) &+ seed
        }
        return hash
    }
}
