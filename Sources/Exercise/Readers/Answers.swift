#if DEBUG
    @testable internal import Transfer

    /// What origins answer.
    extension Exercise {
        static let answers = [
            Exercise("answer-head", "the head of an answer is read or refused, and its status is one") {
                bytes,
                findings in
                var reader = HeadReader(limit: 65_536)
                for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
                    guard let head = try? reader.read(Array(line) + [0x0A]) else { continue }
                    findings.expect((200...999).contains(head.status), "the status is \(head.status)")
                    findings.expect(head.headers.allSatisfy { !$0.name.isEmpty }, "a field has no name")
                }
            }
        ]
    }
#else
    extension Exercise {
        static let answers: [Exercise] = []
    }
#endif
