/// How long things may be. Reason: what does not fit on a screen or two is not read before it is changed.
enum LengthRules {
    static let fileLines = 300
    static let functionLines = 40
    static let parameters = 5

    static func file(_ source: Source) -> [Complaint] {
        source.lineCount > fileLines
            ? [Complaint(source, "has \(source.lineCount) lines; split it by subject, at most \(fileLines)")] : []
    }

    static func functions(_ source: Source) -> [Complaint] {
        let tokens = Tokenizer.tokens(of: source.text)
        var complaints: [Complaint] = []
        for index in tokens.indices where startsFunction(tokens, index) {
            let name =
                tokens[index].text == "func" && index + 1 < tokens.count ? tokens[index + 1].text : tokens[index].text
            let head = Head(tokens, from: index)
            if tokens[index].text == "func", head.parameters > parameters {
                let what = "\(name) takes \(head.parameters) parameters; at most \(parameters)"
                complaints.append(Complaint(source, line: tokens[index].line, what))
            }
            guard let body = head.body, let close = closing(tokens, body) else { continue }
            let lines = tokens[close].line - tokens[body].line - 1
            if lines > functionLines {
                let what = "\(name) has \(lines) lines; at most \(functionLines)"
                complaints.append(Complaint(source, line: tokens[index].line, what))
            }
        }
        return complaints
    }

    private static func startsFunction(_ tokens: [Token], _ index: Int) -> Bool {
        let word = tokens[index].text
        guard ["func", "init", "deinit", "subscript"].contains(word) else { return false }
        // `.init(…)` is a call.
        return index == 0 || tokens[index - 1].text != "."
    }

    private static func closing(_ tokens: [Token], _ open: Int) -> Int? {
        var depth = 0
        for index in open..<tokens.count {
            if tokens[index].text == "{" { depth += 1 }
            if tokens[index].text == "}" { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    /// What stands before a function's body.
    private struct Head {
        var body: Int?
        var parameters = 0

        init(_ tokens: [Token], from start: Int) {
            var depth = 0
            var isInList = false
            var sawList = false
            for index in (start + 1)..<max(start + 1, tokens.count) {
                let text = tokens[index].text
                if depth == 0, isNext(tokens[index]) { return }
                switch text {
                case "{" where depth == 0:
                    body = index
                    return
                case "(", "[", "{":
                    if text == "(", depth == 0, !sawList { isInList = true }
                    depth += 1
                case ")", "]", "}":
                    depth -= 1
                    if depth == 0, isInList {
                        isInList = false
                        sawList = true
                    }
                case ":" where depth == 1 && isInList: parameters += 1
                default: break
                }
            }
        }

        /// A requirement of a protocol has no body; the next declaration or the end of the protocol follows.
        private func isNext(_ token: Token) -> Bool {
            token.text == "}"
                || token.isFirst && ["func", "var", "let", "init", "static", "struct", "enum"].contains(token.text)
        }
    }
}
