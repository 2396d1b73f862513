// The readers here are no room's public door, so this needs a build that lets tests in; every debug build does.
#if DEBUG
    internal import Core
    @testable internal import Ecosystems
    @testable internal import Knowledge
    @testable internal import Storage

    /// Readers that other code of their room stands in front of.
    extension Exercise {
        static let inner = [
            Exercise("toml", "a TOML text reads in bounded depth") { bytes, _ in _ = try? TOMLText.parse(bytes) },
            Exercise("yaml", "a YAML text reads as one value, in bounded depth") { bytes, findings in
                guard let value = try? YAMLTree.read(bytes) else { return }
                findings.expect((try? YAMLTree.read(bytes)) == value, "a YAML text is two values")
            },
            Exercise("osv", "a file of advisories reads, and every record has an answer for every version") {
                bytes,
                _ in
                var builder = SnapshotBuilder(limits: AdvisorySnapshot.Limits())
                try? builder.add(bytes, from: "osv.json")
                let compare = { (a: String, b: String) in Npm().compare(a, b) }
                for entry in builder.affected.values.flatMap(\.self) {
                    for version in [nil, "", "0", "1.0.0", "v1.0.0-rc.1"] {
                        _ = entry.covers(version, of: "golang", compare)
                    }
                }
            },
            Exercise("journal", "a journal cut anywhere is a shorter journal") { bytes, findings in
                let whole = Journal.contents(of: bytes)
                let cut = Journal.contents(of: Array(bytes.prefix(bytes.count / 2)))
                findings.expect(whole.events.starts(with: cut.events), "a cut journal holds other events")
            },
            Exercise("git-answer", "the pack in an answer of git is the same however its bytes arrive") {
                bytes,
                findings in
                let whole = packs(in: bytes, pieces: .max)
                for pieces in [1, 7] {
                    findings.expect(packs(in: bytes, pieces: pieces) == whole, "in pieces of \(pieces) it is another")
                }
            },
        ]

        private static func packs(in bytes: [UInt8], pieces: Int) -> [UInt8]? {
            var reader = GitPackReader()
            var pack: [UInt8] = []
            for piece in bytes.cut(pieces) {
                guard let next = try? reader.take(piece) else { return nil }
                pack += next
            }
            return reader.isWhole ? pack : nil
        }
    }
#else
    extension Exercise {
        static let inner: [Exercise] = []
    }
#endif
