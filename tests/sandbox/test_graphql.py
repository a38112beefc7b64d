"""GraphQL is executed on GitHub's published schema by the same resolvers that the sandbox serves."""

from __future__ import annotations

from tests.sandbox.client import Client
from tests.shop import CLAUDE, Shop

CONVERSATION = """
query Conversation($owner: String!, $name: String!, $number: Int!) {
  rateLimit { cost remaining resetAt }
  repository(owner: $owner, name: $name) {
    databaseId
    pullRequest(number: $number) {
      state
      headRefOid
      baseRef { target { oid ... on Commit { file(path: "README.md") { mode object { ... on Blob { text } } } } } }
      author { __typename login ... on User { databaseId } }
      commits(last: 10) {
        totalCount
        nodes { commit { oid message authors(first: 5) { nodes { email user { login } } } } }
      }
      reviews(last: 10) { nodes { state author { login } commit { oid } authorCanPushToRepository } }
      comments(first: 1) { totalCount pageInfo { hasNextPage endCursor } nodes { body lastEditedAt } }
      timelineItems(first: 10, itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT, COMMENT_DELETED_EVENT]) {
        filteredCount
        nodes {
          __typename
          ... on HeadRefForcePushedEvent { actor { login } beforeCommit { oid message } afterCommit { oid } }
        }
      }
      userContentEdits(first: 5) { nodes { diff } }
    }
  }
}
"""


async def test_a_commit_pushed_away_stays_readable(shop: Shop, client: Client) -> None:
    pull = shop.change({"README.md": "# Shop!\n"}, message=f"Reword\n\n{CLAUDE}")
    before = pull.head_sha
    start = shop.repository.git.resolve("main")
    shop.jay.commit(shop.repository, "change", {"README.md": "# Shop!\n"}, message="Reword", onto=start)
    answer = await client.query(
        CONVERSATION, await client.installation_token(), owner="acme", name="shop", number=pull.number
    )
    events = answer["data"]["repository"]["pullRequest"]["timelineItems"]["nodes"]
    assert [event["__typename"] for event in events] == ["HeadRefForcePushedEvent"]
    assert events[0]["beforeCommit"] == {"oid": before, "message": f"Reword\n\n{CLAUDE}"}
    assert events[0]["afterCommit"]["oid"] == pull.head_sha


async def test_the_conversation_is_told_whole(shop: Shop, client: Client) -> None:
    pull = shop.change({"README.md": "# Shop!\n"}, message=f"Reword\n\n{CLAUDE}", body="by hand")
    comments = [shop.jay.comment(pull, "one"), shop.jay.comment(pull, "two")]
    shop.jay.edit_comment(pull, comments[0], "one, better")
    shop.jay.edit(pull, body="by machine")
    shop.sam.approve(pull)
    answer = await client.query(
        CONVERSATION, await client.installation_token(), owner="acme", name="shop", number=pull.number
    )
    told = answer["data"]["repository"]["pullRequest"]
    assert told["baseRef"]["target"]["file"] == {"mode": 0o100644, "object": {"text": "# Shop\n"}}
    assert [one["email"] for one in told["commits"]["nodes"][0]["commit"]["authors"]["nodes"]][
        1
    ] == "noreply@anthropic.com"
    assert told["reviews"]["nodes"][0] == {
        "state": "APPROVED",
        "author": {"login": "sam"},
        "commit": {"oid": pull.head_sha},
        "authorCanPushToRepository": True,
    }
    assert told["comments"]["totalCount"] == 2
    assert told["comments"]["pageInfo"]["hasNextPage"]
    assert told["comments"]["nodes"][0]["lastEditedAt"]
    assert [one["diff"] for one in told["userContentEdits"]["nodes"]] == ["by machine", "by hand"]
