"""Which updates share a branch, and what the branch is called."""

import pytest

from gitops_ci.errors import ConfigurationError
from gitops_ci.update.group import group, without_rivals
from tests.update.updates import update


def branches(*updates):
    return {one.branch: len(one.updates) for one in group(updates)}


def test_one_branch_for_each_application_and_environment():
    assert branches(update(), update("ghcr.io/acme/side"), update(environment="dev"), update(application="web")) == {
        "renovate/api-prod": 2,
        "renovate/api-dev": 1,
        "renovate/web-prod": 1,
    }


def test_what_belongs_to_no_application_has_a_branch_for_each_image():
    assert branches(
        update("nginx", "1.25", "1.26", application=None, environment=None),
        update("nginx", "1.25", "1.26", application=None, environment=None, file="b.yaml"),
        update("redis", "7.0", "7.1", application=None, environment=None),
    ) == {"renovate/nginx-1.x": 2, "renovate/redis-7.x": 1}


def test_major_updates_stand_apart_unless_told():
    both = update(new="1.5.0", kind="minor"), update(new="2.0.0", kind="major")
    assert branches(*both) == {"renovate/api-prod": 1, "renovate/major-api-prod": 1}
    together = [update(new=one.new_tag, kind=one.kind, separateMajorMinor=False) for one in both]
    assert branches(*together) == {"renovate/api-prod": 2}
    apart = [update(new=f"{number}.0.0", kind="major", separateMultipleMajor=True) for number in (2, 3)]
    assert branches(*apart) == {"renovate/major-2-api-prod": 1, "renovate/major-3-api-prod": 1}


def test_a_group_name_joins_across_applications_and_environments():
    named = [update(groupName="All of Acme!"), update(application="web", environment="dev", groupName="All of Acme!")]
    assert branches(*named) == {"renovate/all-of-acme": 2}
    assert branches(update(groupName="x", groupSlug="short", kind="major")) == {"renovate/major-short": 1}


def test_a_group_name_may_be_a_template():
    assert branches(
        update(groupName="acme {{environment}}"), update(environment="dev", groupName="acme {{environment}}")
    ) == {"renovate/acme-prod": 1, "renovate/acme-dev": 1}


def test_branch_options_are_honoured():
    assert branches(update(branchPrefix="bot/", additionalBranchPrefix="{{parentDir}}-")) == {"bot/apps-api-prod": 1}
    assert branches(update(branchTopic="{{{depNameSanitized}}}-{{newMajor}}.x")) == {"renovate/ghcr.io-acme-api-1.x": 1}
    assert branches(
        update(branchName="fixed/{{{branchTopic}}}"), update("x", branchName="fixed/{{{branchTopic}}}")
    ) == {"fixed/api-prod": 2}


def test_names_that_look_alike_stay_two_branches():
    assert len(branches(update(application="a-b", environment="c"), update(application="a", environment="b-c"))) == 2
    assert len(branches(update(application="ä"), update(application="ö"))) == 2


def test_names_are_the_same_in_every_run():
    updates = [update(application="a-b", environment="c"), update(application="a", environment="b-c")]
    assert [one.branch for one in group(updates)] == [one.branch for one in group(updates[::-1])]


def test_a_broken_template_is_a_configuration_error():
    with pytest.raises(ConfigurationError, match="branchTopic"):
        group([update(branchTopic="{{nope 1}}")])


def test_a_new_digest_shares_the_branch_of_the_newer_version():
    alone = {"application": None, "environment": None}
    digest = update("golang", "1.26", "1.26", kind="digest", new_digest="sha256:0", **alone)
    assert branches(digest, update("golang", "1.26", "1.27", kind="minor", **alone)) == {"renovate/golang-1.x": 2}
    moving = update("golang", "latest", "latest", kind="pinDigest", new_digest="sha256:0", **alone)
    assert branches(moving) == {"renovate/golang-digest": 1}


def test_a_place_is_changed_by_the_weightiest_of_its_updates():
    digest, minor = update(new="1.4.2", kind="digest"), update(new="1.5.0", kind="minor")
    other = update(file="b.yaml", new="1.4.2", kind="digest")
    assert without_rivals([digest, minor, other]) == [minor, other]
