internal import CLinux

extension ProcessIdentity {
    /// All variables as they are now; of two with one name the first counts, as for `getenv`.
    public static func environment() -> [String: String] {
        var variables: [String: String] = [:]
        var index = 0
        while let entry = unsafe clinux_environment(index) {
            index += 1
            let text = unsafe String(cString: entry)
            guard let equals = text.firstIndex(of: "=") else { continue }
            let name = String(text[..<equals])
            if variables[name] == nil { variables[name] = String(text[text.index(after: equals)...]) }
        }
        return variables
    }

    /// Overwrites the value where it stands, so that `/proc` shows it no more, and removes the variable. Call it before
    /// other threads read the environment. `false` when there is no such variable.
    @discardableResult
    public static func overwriteEnvironmentValue(_ name: String) throws(SystemError) -> Bool {
        try SystemError.checkPath(name)
        return try SystemError.check(unsafe clinux_wipe_variable(name), "unsetenv") == 1
    }

    /// Overwrites the whole environment where it stands; from here on it is these (`NAME=value`). For processes with
    /// one thread.
    static func replaceEnvironment(_ variables: [String]) {
        unsafe clinux_replace_environment(CStrings(variables).kept())
    }
}
