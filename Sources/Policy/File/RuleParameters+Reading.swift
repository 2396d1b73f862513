internal import Core

extension RuleParameters {
    /// Reads what stands under the rule's key. Everything is checked here, so that making the rule cannot fail.
    init(_ definition: RuleDefinition, _ entry: YAMLValue) throws(Problem) {
        self.init(definition)
        place = entry
        if let shorthand = definition.shorthand, case .list = entry.content {
            places = [shorthand: entry]
        } else {
            places = try entry.map(keys: definition.keys)
        }
        action = try places["action"]?.action()
        onMissingData = try places["on_missing_data"]?.action()
        for parameter in definition.parameters {
            guard let value = places[parameter.name] else {
                guard parameter.isRequired else { continue }
                throw entry.problem(
                    "does not say what it is about",
                    "add '\(parameter.name):' (\(parameter.type)): \(parameter.meaning)"
                )
            }
            values[parameter.name] = try value.value(of: parameter.kind)
        }
    }
}

extension YAMLValue {
    fileprivate func value(of kind: RuleParameter.Kind) throws(Problem) -> ParameterValue {
        switch kind {
        case .number(let range): return .number(try number(in: range))
        case .days: return .number(try days())
        case .flag: return .flag(try flag())
        case .choice(let words): return .word(try choice(of: words))
        case .action: return .action(try action())
        case .texts: return .texts(try texts())
        case .patterns: return .patterns(try list().patterns())
        case .time: return .time(try time())
        case .daysByTarget: return try daysByTarget()
        case .textByPattern:
            var entries: [(pattern: PurlPattern, text: String)] = []
            for (key, value) in try map() { entries.append((try value.called(key).pattern(), try value.text())) }
            return .textByPattern(entries)
        case .licenses: return .texts(try list().licenses())
        case .digests: return .texts(try list().digests())
        }
    }

    /// `3` or `3d`.
    private func days() throws(Problem) -> Int {
        guard case .text(let text, isPlain: true) = content, text.hasSuffix("d") else {
            return try number(in: 0...36_500)
        }
        let bare = YAMLValue(file: file, path: path, line: line, content: .text(String(text.dropLast()), isPlain: true))
        return try bare.number(in: 0...36_500)
    }

    private func daysByTarget() throws(Problem) -> ParameterValue {
        var types: [String: Int] = [:]
        var patterns: [(pattern: PurlPattern, days: Int)] = []
        for (key, value) in try map() {
            let days = try value.days()
            let named = value.called(key)
            if key.hasPrefix("pkg:") {
                patterns.append((try named.pattern(), days))
            } else {
                types[try named.purlType()] = days
            }
        }
        return .daysByTarget(types: types, patterns: patterns)
    }

    /// The key of an entry, as a value that can be read and complained about.
    private func called(_ key: String) -> YAMLValue {
        YAMLValue(file: file, path: path, line: line, content: .text(key, isPlain: true))
    }
}

extension [YAMLValue] {
    fileprivate func patterns() throws(Problem) -> [PurlPattern] {
        var patterns: [PurlPattern] = []
        for element in self { patterns.append(try element.pattern()) }
        return patterns
    }

    fileprivate func digests() throws(Problem) -> [String] {
        var texts: [String] = []
        for element in self {
            let text = try element.text()
            guard let digest = Digest(text) else {
                throw element.problem(
                    "is '\(text)', which is no digest",
                    "write it like sha256:HEX, with all its digits"
                )
            }
            texts.append(digest.description)
        }
        return texts
    }

    fileprivate func licenses() throws(Problem) -> [String] {
        var texts: [String] = []
        for element in self {
            do { texts.append(try LicenseName(listed: try element.text()).text) } catch {
                if let problem = error as? Problem { throw problem }
                throw element.problem(
                    "is no SPDX licence: \(error)",
                    "write one identifier, such as MIT or GPL-3.0-only"
                )
            }
        }
        return texts
    }
}
