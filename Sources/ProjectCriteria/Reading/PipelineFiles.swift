// SPDX-License-Identifier: EUPL-1.2

internal import Yams

/// What a project's pipeline files say, whatever system runs them.
struct PipelineFiles {
    /// Their paths.
    let paths: [String]
    /// Images and actions that jobs use without a digest or commit, as `path: reference`.
    private(set) var floating: [String] = []
    /// Images and actions that are pinned.
    private(set) var pinned = 0
    /// Files that are no YAML, with the reason.
    private(set) var unreadable: [String] = []
    /// Patterns through which strangers' input runs as a command or gets secrets, as `path: pattern`.
    private(set) var dangers: [String] = []
    /// Workflows that do not limit the rights of their token.
    private(set) var unlimitedTokens: [String] = []
    private var text = ""

    /// Names a pipeline file of a known system.
    static func isPipeline(_ path: String) -> Bool {
        if path.wholeMatch(of: /\.(github|forgejo|gitea)\/workflows\/[^\/]+\.ya?ml/) != nil { return true }
        if path.wholeMatch(of: /\.woodpecker\/[^\/]+\.ya?ml/) != nil { return true }
        if path.wholeMatch(of: /\.gitlab\/ci\/.+\.ya?ml/) != nil { return true }
        return [
            ".gitlab-ci.yml", ".woodpecker.yml", "Jenkinsfile", "azure-pipelines.yml", ".circleci/config.yml",
            ".drone.yml", ".travis.yml",
        ].contains(path)
    }

    init(_ documents: [String: String]) {
        paths = documents.keys.filter(Self.isPipeline).sorted()
        for path in paths { read(path, documents[path] ?? "") }
    }

    var isEmpty: Bool { paths.isEmpty }

    /// A job of it runs tests.
    var runsTests: Bool {
        let word = /(^|[^a-z])(tests?|ctest|pytest|phpunit|rspec|tox|mvn\s+(-\S+\s+)*verify|gradlew?\s+check)([^a-z]|$)/
        return text.firstMatch(of: word) != nil
    }

    /// A job of it looks for weaknesses in the source.
    var analysesSource: Bool {
        ["sast", "semgrep", "codeql", "bandit", "gosec", "sonar", "cppcheck", "spotbugs", "brakeman"].contains {
            text.contains($0)
        }
    }

    /// A job of it looks for secrets.
    var scansSecrets: Bool {
        ["secret-detection", "secret_detection", "gitleaks", "trufflehog", "detect-secrets", "kontor project check"]
            .contains {
                text.contains($0)
            }
    }

    private mutating func read(_ path: String, _ contents: String) {
        let lowered = contents.lowercased()
        // What a comment says is no job.
        let lines = lowered.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("#") }
        let code = lines.joined(separator: "\n")
        text += code + "\n"
        findDangers(path, code)
        guard path.hasSuffix(".yml") || path.hasSuffix(".yaml") else { return }
        do {
            guard contents.utf8.count <= 1 << 20, let node = try Yams.compose(yaml: contents) else { return }
            // An alias can stand for much: what is looked at is counted, not what is written.
            var left = 20_000
            walk(node, key: "", path, depth: 0, &left)
            if left <= 0 { unreadable.append("\(path): more than 20000 entries") }
        } catch {
            unreadable.append("\(path): \("\(error)".split(separator: "\n").first.map(String.init) ?? "no YAML")")
        }
        let isWorkflow = path.contains("/workflows/")
        if isWorkflow, code.firstMatch(of: /(^|\n)\s*permissions:/) == nil || code.contains("permissions: write-all") {
            unlimitedTokens.append(path)
        }
    }

    private mutating func walk(_ node: Node, key: String, _ path: String, depth: Int, _ left: inout Int) {
        left -= 1
        guard left > 0, depth < 32 else { return }
        switch node {
        case .mapping(let mapping):
            for (name, value) in mapping {
                let word = name.scalar?.string ?? ""
                switch (word, value) {
                case ("image", .scalar(let scalar)), ("container", .scalar(let scalar)):
                    note(image: scalar.string, path)
                case ("name", .scalar(let scalar)) where key == "image" || key == "services":
                    note(image: scalar.string, path)
                case ("uses", .scalar(let scalar)): note(action: scalar.string, path)
                default: walk(value, key: word, path, depth: depth + 1, &left)
                }
            }
        case .sequence(let sequence):
            for value in sequence {
                if key == "services", case .scalar(let scalar) = value {
                    note(image: scalar.string, path)
                } else {
                    walk(value, key: key, path, depth: depth + 1, &left)
                }
            }
        default: break
        }
    }

    private mutating func note(image: String, _ path: String) {
        guard !image.isEmpty else { return }
        if image.contains("@sha256:") { pinned += 1 } else { floating.append("\(path): \(image)") }
    }

    private mutating func note(action: String, _ path: String) {
        if action.hasPrefix("./") { return }
        if action.hasPrefix("docker://") { return note(image: String(action.dropFirst(9)), path) }
        if action.wholeMatch(of: /[^@\s]+@[0-9a-f]{40}/) != nil {
            pinned += 1
        } else {
            floating.append("\(path): \(action)")
        }
    }

    private mutating func findDangers(_ path: String, _ code: String) {
        if code.firstMatch(of: /(curl|wget)[^\n|;]*\|\s*(sudo\s+)?(ba|da|z)?sh(\s|$)/) != nil {
            dangers.append("\(path): a download is piped into a shell")
        }
        if code.firstMatch(of: /eval[^\n]*\$\{?ci_(commit_(message|title|description|ref_name|branch)|merge_request_)/)
            != nil
        {
            dangers.append("\(path): eval of a text that strangers write")
        }
        guard path.contains("/workflows/") else { return }
        let input =
            /\$\{\{\s*(github\.head_ref|github\.event\.(issue|pull_request|comment|review|review_comment|discussion|head_commit|pages|commits)[a-z_.\[\]0-9*]*\.(title|body|message|name|email|ref|label|default_branch|page_name))/
        if code.firstMatch(of: input) != nil {
            dangers.append("\(path): a text that strangers write is put into a script")
        }
        if code.contains("pull_request_target"), code.contains("github.event.pull_request.head") {
            dangers.append("\(path): pull_request_target checks out the stranger's commit")
        }
    }
}

/// The images that a Containerfile starts from.
enum ContainerFile {
    /// Names a Containerfile or Dockerfile.
    static func isOne(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.wholeMatch(of: /(Containerfile|Dockerfile)([.\-_][A-Za-z0-9._\-]+)?/) != nil
            || name.wholeMatch(of: /[A-Za-z0-9._\-]+\.(containerfile|dockerfile|Containerfile|Dockerfile)/) != nil
    }

    /// References from outside that it builds on, with its arguments' defaults put in.
    static func bases(_ text: String) -> [String] {
        var arguments: [String: String] = [:]
        var stages: Set<String> = []
        var bases: [String] = []
        let joined = text.replacing("\r\n", with: "\n").replacing("\\\n", with: " ")
        for line in joined.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard let verb = words.first?.uppercased() else { continue }
            let options = words.dropFirst().prefix { $0.hasPrefix("--") }
            let rest = Array(words.dropFirst(1 + options.count))
            switch verb {
            case "ARG":
                guard let pair = rest.first, let equals = pair.firstIndex(of: "=") else { continue }
                let value = pair[pair.index(after: equals)...].filter { $0 != "\"" && $0 != "'" }
                arguments[String(pair[..<equals])] = String(value)
            case "FROM":
                guard let named = rest.first else { continue }
                let reference = filled(named, arguments)
                if reference != "scratch", !stages.contains(reference.lowercased()) { bases.append(reference) }
                if rest.count >= 3, rest[1].uppercased() == "AS" { stages.insert(rest[2].lowercased()) }
            case "COPY":
                for option in options where option.hasPrefix("--from=") {
                    let reference = filled(String(option.dropFirst(7)), arguments)
                    let isStage = stages.contains(reference.lowercased()) || reference.allSatisfy(\.isNumber)
                    if !isStage { bases.append(reference) }
                }
            default: break
            }
        }
        return bases
    }

    private static func filled(_ text: String, _ arguments: [String: String]) -> String {
        var result = text
        for (name, value) in arguments.sorted(by: { $0.key.count > $1.key.count }) {
            result = result.replacing("${\(name)}", with: value).replacing("$\(name)", with: value)
        }
        return result
    }
}
