#if DEBUG
    @testable internal import Transfer

    /// What origins answer.
    extension Exercise {
        static let answers = [
            Exercise("answer-head", "the head of an answer has no line break in a field") { bytes, findings in
                var reader = HeadReader(limit: 65_536)
                for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
                    guard let head = try? reader.read(Array(line) + [0x0A]) else { continue }
                    let texts = [head.reason] + head.headers.flatMap { [$0.name, $0.value] }
                    let isClean = texts.allSatisfy { !$0.utf8.contains(0x0A) }
                    findings.expect(isClean, "a field holds a line break")
                }
            }
        ]
    }
#else
    extension Exercise {
        static let answers: [Exercise] = []
    }
#endif
