// SPDX-License-Identifier: EUPL-1.2

/// How things are done: each page is steps with their commands, made for this node.
struct HelpPage: Sendable {
    /// What there is help for.
    enum Topic: String, CaseIterable, Sendable {
        case push, sign, verify, gold

        var path: String { "/help/" + rawValue }

        var titleKey: TextKey {
            switch self {
            case .push: .helpPush
            case .sign: .helpSign
            case .verify: .helpVerify
            case .gold: .helpGold
            }
        }
    }

    struct Step: Sendable {
        let number: Int
        let text: Prose
        let command: String?
    }

    struct Link: Sendable {
        let href: String
        let title: String
        let isThis: Bool
    }

    let heading: String
    let intro: Prose
    let steps: [Step]
    let links: [Link]

    init(_ topic: Topic, _ pages: Pages, _ language: Language) {
        let texts = pages.texts
        let host = pages.settings.registryAuthority
        let provisional = pages.settings.isProvisional
        let origin = pages.settings.origin
        let plain = provisional ? " --dest-tls-verify=false" : ""
        let lines: [(TextKey, String?)] =
            switch topic {
            case .push:
                [
                    (.helpPush1, "skopeo login\(provisional ? " --tls-verify=false" : "") \(host)"),
                    (.helpPush2, "skopeo copy\(plain) oci-archive:image.tar docker://\(host)/team/app:1.0"),
                    (.helpPush3, "kontor check \(host)/team/app:1.0"),
                ]
            case .sign:
                [
                    (.helpSign1, nil),
                    (.helpSign2, "kontor release team/app@sha256:… 1.0 --node \(origin)"),
                    (.helpSign3, "cosign sign --key cosign.key \(host)/team/app@sha256:…"),
                ]
            case .verify:
                [
                    (.helpVerify1, "curl -sS \(origin)/api/v1/trust-root -o trust-root.json"),
                    (.helpVerify2, "kontor keys list --data DIR"),
                    (
                        .helpVerify3,
                        "SIGSTORE_REKOR_PUBLIC_KEY=log.pub cosign verify --key release.pub --offline=true \(host)/team/app@sha256:…"
                    ),
                    (.helpVerify4, "podman pull \(host)/team/app@sha256:…"),
                ]
            case .gold:
                [
                    (.helpGold1, nil), (.helpGold2, "kontor check oci-archive:image.tar --require silver"),
                    (.helpGold3, nil), (.helpGold4, nil), (.helpGold5, nil),
                ]
            }
        heading = texts.text(topic.titleKey, language)
        let introKey: TextKey =
            switch topic {
            case .push: .helpPushIntro
            case .sign: .helpSignIntro
            case .verify: .helpVerifyIntro
            case .gold: .helpGoldIntro
            }
        intro = Prose(texts.text(introKey, language))
        steps = lines.enumerated().map { index, line in
            Step(number: index + 1, text: Prose(texts.text(line.0, language)), command: line.1)
        }
        links = Topic.allCases.map {
            Link(href: $0.path, title: texts.text($0.titleKey, language), isThis: $0 == topic)
        }
    }
}

/// The list of what there is help for.
struct HelpIndex: Sendable {
    let links: [HelpPage.Link]

    init(_ texts: Texts, _ language: Language) {
        links = HelpPage.Topic.allCases.map {
            HelpPage.Link(href: $0.path, title: texts.text($0.titleKey, language), isThis: false)
        }
    }
}
