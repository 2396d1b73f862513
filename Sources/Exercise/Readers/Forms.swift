#if DEBUG
    @testable internal import Registry

    /// What publishers send to the registry.
    extension Exercise {
        static let forms = [
            Exercise("form", "an upload is the same form however its bytes arrive") { bytes, findings in
                let whole = FormStream.read(bytes, pieces: .max)
                for pieces in [1, 7] {
                    findings.expect(
                        FormStream.read(bytes, pieces: pieces) == whole,
                        "in pieces of \(pieces) it is another"
                    )
                }
            }
        ]
    }

    /// The parts of an upload: the content type is the first line.
    private struct FormStream: Hashable {
        var parts: [String] = []
        var contents: [[UInt8]] = []
        var isComplete = false
        var isRefused = false

        static func read(_ bytes: [UInt8], pieces: Int) -> FormStream? {
            let type = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
            guard var reader = MultipartReader(contentType: type, partLimit: 20) else { return nil }
            var form = FormStream()
            do {
                for piece in Array(bytes.drop { $0 != 0x0A }.dropFirst()).cut(pieces) {
                    for event in try reader.feed(piece) { form.take(event) }
                }
            } catch {
                // What came before a refusal depends on the cut, and is thrown away.
                return FormStream(isRefused: true)
            }
            form.isComplete = reader.isComplete
            return form.isComplete ? form : FormStream()
        }

        private mutating func take(_ event: MultipartReader.Event) {
            switch event {
            case .part(let name, let file):
                parts.append("\(name) \(file ?? "")")
                contents.append([])
            case .content(let bytes): contents[contents.count - 1] += bytes
            case .partEnd: break
            }
        }
    }
#else
    extension Exercise {
        static let forms: [Exercise] = []
    }
#endif
