//! The papers for whoever changes something: each flow in ten steps, and no recipe without its files.

use super::quoted;

const ARCHITECTURE: &str = include_str!("../../../ARCHITECTURE.md");
const CONTRIBUTING: &str = include_str!("../../../CONTRIBUTING.md");

/// The sections of a page whose headings begin so, each with its numbered steps as one text.
fn steps<'a>(page: &'a str, heading: &str) -> Vec<(&'a str, Vec<String>)> {
    let sections = page.split(heading).skip(1);
    sections
        .map(|section| {
            let section = section.split("\n## ").next().unwrap_or_default();
            let (title, text) = section.split_once('\n').expect("a title");
            let mut steps: Vec<String> = Vec::new();
            for line in text.lines() {
                let number: Option<usize> =
                    line.split_once(". ").and_then(|(number, _)| number.parse().ok());
                if number == Some(steps.len() + 1) {
                    steps.push(line.to_owned());
                } else if let Some(step) = steps.last_mut()
                    && line.starts_with("   ")
                {
                    step.push_str(line);
                }
            }
            (title, steps)
        })
        .collect()
}

/// Whether a step names a file of the repository; that it is there is held for all pages.
fn names_a_file(step: &str) -> bool {
    quoted(step).iter().any(|text| text.contains('/'))
}

#[test]
fn each_flow_is_told_in_ten_steps_that_name_their_files() {
    let flows = steps(ARCHITECTURE, "\n## The flow of ");
    let titles: Vec<&str> = flows.iter().map(|(title, _)| *title).collect();
    assert_eq!(
        titles,
        [
            "a scenario",
            "a coverage report",
            "a login to a push",
            "a visitor's read to the report",
            "a key",
            "a seed",
        ]
    );
    for (title, steps) in flows {
        assert_eq!(steps.len(), 10, "{title}");
        let nameless: Vec<&String> = steps.iter().filter(|step| !names_a_file(step)).collect();
        assert!(nameless.is_empty(), "{title}: {nameless:?}");
    }
}

#[test]
fn each_recipe_names_the_files_that_it_touches() {
    let recipes = steps(CONTRIBUTING, "\n### ");
    let titles: Vec<&str> = recipes.iter().map(|(title, _)| *title).collect();
    assert_eq!(
        titles,
        ["A rule", "An event", "A report format", "A store", "A product's rules", "A target"]
    );
    for (title, steps) in recipes {
        assert!(steps.len() > 1, "{title}");
        for step in steps {
            assert!(names_a_file(&step), "{title}: {step}");
        }
    }
}
