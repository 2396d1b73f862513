extension PyPI {
    public func compare(_ a: String, _ b: String) -> Int? {
        guard let a = PythonVersion(a), let b = PythonVersion(b) else { return nil }
        return PythonVersion.order(a, b)
    }

    public func isPrerelease(_ version: String) -> Bool { PythonVersion(version)?.isPrerelease ?? false }
}
