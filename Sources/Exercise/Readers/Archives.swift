#if DEBUG
    @testable internal import Archive

    /// Archives: within limits, read the same way twice, and no path that leaves them.
    extension Exercise {
        static let archives =
            [("zip", ArchiveKind.zip), ("tar", .tar), ("deb-file", .deb)].map { name, kind in
                Exercise(name, "a \(name) is read within its limits, and no entry leaves it") { bytes, findings in
                    for isLenient in name == "zip" ? [false, true] : [false] {
                        walk(bytes, kind, isLenient: isLenient, &findings)
                    }
                }
            } + [
                Exercise("compressed", "what is decompressed stays within its limit") { bytes, findings in
                    var total = 0
                    let isWhole =
                        (try? ArchiveScan.decompress(bytes, limit: 1 << 20) { total += $0.count }) != nil
                    findings.expect(!isWhole || total <= 1 << 20, "\(total) bytes came out")
                }
            ]

        private static func walk(
            _ bytes: [UInt8],
            _ kind: ArchiveKind,
            isLenient: Bool,
            _ findings: inout Findings
        ) {
            guard let first = sight(of: bytes, kind, isLenient) else { return }
            findings.expect(sight(of: bytes, kind, isLenient) == first, "the archive is read in two ways")
            var total: Int64 = 0
            for (entry, length) in zip(first.entries, first.lengths) {
                total += length
                let parts = entry.path.split(separator: "/", omittingEmptySubsequences: false)
                if entry.path.isEmpty, entry.kind == .directory { continue }
                let isInside = !entry.path.utf8.contains(0) && !parts.contains("..") && !parts.contains("")
                findings.expect(isInside, "the entry '\(entry.path)' leaves the archive")
                let isWhole = entry.kind != .file || entry.size == length
                findings.expect(isWhole, "'\(entry.path)' says \(entry.size) bytes and holds \(length)")
            }
            findings.expect(total <= limits.totalBytes, "\(total) bytes came out")
        }

        /// Everything a walk handed over.
        private struct Sight: Hashable {
            var entries: [ArchiveEntry] = []
            var lengths: [Int64] = []
        }

        private static let limits = ArchiveLimits(entries: 1_000, entryBytes: 1 << 20, totalBytes: 8 << 20)

        private static func sight(of bytes: [UInt8], _ kind: ArchiveKind, _ isLenient: Bool) -> Sight? {
            var sight = Sight()
            let file = OpenFile(bytes: bytes)
            let isRead: Void? = try? ArchiveScan.walk(file, kind, limits, isLenient) { step throws(ArchiveError) in
                switch step {
                case .entry(let entry):
                    sight.entries.append(entry)
                    sight.lengths.append(0)
                case .chunk(let bytes): sight.lengths[sight.lengths.count - 1] += Int64(bytes.count)
                }
            }
            return isRead == nil ? nil : sight
        }
    }
#else
    extension Exercise {
        static let archives: [Exercise] = []
    }
#endif
