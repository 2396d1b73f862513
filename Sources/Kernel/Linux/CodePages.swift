internal import CLinux

/// The pages of this program's and its libraries' code that are in memory.
public enum CodePages {
    /// Gives them back, to be called when a start is over. The kernel maps sixteen pages at the touch of one, so that
    /// half of what an agent holds at rest is code that only a start needs. What is needed again is mapped again, mostly
    /// from memory: a hundred times a few hundred nanoseconds. Written pages are not touched.
    public static func giveBack() {
        guard let file = try? Files.open("/proc/self/maps", followLink: true) else { return }
        var maps: [UInt8] = []
        while let more = try? file.readNext(upTo: 64 << 10), !more.isEmpty, maps.count < 1 << 20 { maps += more }
        for line in maps.split(separator: UInt8(ascii: "\n")) {
            // START-END r-xp OFFSET DEVICE INODE PATH
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard words.count == 6, words[1].elementsEqual("r-xp".utf8), words[5].contains(UInt8(ascii: "/")) else {
                continue
            }
            let ends = words[0].split(separator: UInt8(ascii: "-")).compactMap {
                UInt(String(decoding: $0, as: UTF8.self), radix: 16)
            }
            guard ends.count == 2, ends[0] < ends[1] else { continue }
            clinux_give_back(ends[0], Int(bitPattern: ends[1] - ends[0]))
        }
    }
}
