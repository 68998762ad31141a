using System.Text.RegularExpressions;
using ActivityConnector.Tests.Shared.Servers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ActivityConnector.Tests.Admin.Page;

/// <summary>The page of a running connector, in a browser.</summary>
[Collection(BrowserCollection.Name)]
[Trait("Kind", "server")]
public sealed class LivePageTests(Browser browser)
{
    private const string Fine = "Everything is complete and fresh.";
    private const string RightToLeft = "\u0646\u0635 \u0645\u0646";

    [BrowserFact]
    public async Task It_says_in_one_sentence_that_all_is_well_and_shows_sources_journal_and_events_as_they_come()
    {
        await using var live = await LivePage.OpenAsync(browser);

        await Expect(live.Verdict).ToHaveTextAsync(Fine);
        await Expect(live.Page).ToHaveTitleAsync("✓ Everything is complete and fresh. Activity Connector");
        foreach (var source in new[] { "intercom", "sequence" }) await Expect(live.Source(source).Locator(".condition")).ToHaveTextAsync("up to date");

        await Expect(live.Page.Locator("#journal")).ToContainTextAsync(live.Scene.Scene.JournalPath);
        await Expect(live.Page.Locator("#letters-empty")).ToContainTextAsync("None is open");
        await Expect(live.Page.Locator("#connection")).ToHaveTextAsync("Live");
        await Expect(live.Events).ToHaveCountAsync(50);

        live.Append("Eve renamed the workspace while the page was open.");

        await Expect(live.EventsWith("Eve renamed the workspace while the page was open.")).ToHaveCountAsync(1);
        live.AssertQuiet();
    }

    [BrowserFact]
    public async Task A_search_finds_events_by_their_text_and_by_their_source_and_says_when_none_fits()
    {
        await using var live = await LivePage.OpenAsync(browser);
        live.Append("A needle, by Eve.");
        await Expect(live.EventsWith("A needle, by Eve.")).ToHaveCountAsync(1);

        await live.Page.Keyboard.PressAsync("/");
        await live.Page.Keyboard.TypeAsync("a NEEDLE");
        await Expect(live.Events).ToHaveCountAsync(1);
        await Expect(live.Events).ToContainTextAsync("A needle, by Eve.");

        await live.Page.Keyboard.TypeAsync(" in no haystack");
        await Expect(live.Page.Locator("#events-empty")).ToContainTextAsync("No event of the last 50,000 events fits.");

        await live.Page.Keyboard.PressAsync("Escape");
        await Expect(live.Events).Not.ToHaveCountAsync(0);
        await live.Page.GetByLabel("Source", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Label = "sequence/default" });
        await Expect(live.EventsWith("intercom/")).ToHaveCountAsync(0);
        await Expect(live.EventsWith("sequence/default")).Not.ToHaveCountAsync(0);
        live.AssertQuiet();
    }

    [BrowserFact]
    public async Task An_event_opens_to_all_of_it_and_stays_where_it_is_and_its_trace_id_can_be_copied()
    {
        await using var live = await LivePage.OpenAsync(browser);
        await Expect(live.Events).ToHaveCountAsync(50);
        await live.Page.GetByLabel("Search the latest events").FillAsync("trace.id");
        await Expect(live.EventsWith("intercom/")).ToHaveCountAsync(0);
        var opener = live.Events.First.GetByRole(AriaRole.Rowheader).GetByRole(AriaRole.Button);

        await opener.FocusAsync();
        await live.Page.Keyboard.PressAsync("Enter");

        var whole = live.Events.First.Locator(".more");
        await Expect(whole).ToContainTextAsync("event.original");
        await Expect(opener).ToHaveAttributeAsync("aria-expanded", "true");
        var trace = await whole.Locator(".identity code").TextContentAsync();
        Assert.Matches("^[0-9a-f]{32}$", trace);
        await whole.GetByRole(AriaRole.Button, new() { Name = "Copy trace id" }).ClickAsync();
        await Expect(whole.GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
        Assert.Equal(trace, await live.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));

        // What arrives meanwhile waits, and nothing moves.
        var before = await whole.BoundingBoxAsync();
        await Expect(live.Page.Locator("#newer")).ToContainTextAsync("arrived: search again");
        Assert.Equal(before!.Y, (await whole.BoundingBoxAsync())!.Y);

        await whole.GetByRole(AriaRole.Button).First.FocusAsync();
        await live.Page.Keyboard.PressAsync("Escape");
        await Expect(whole).ToBeHiddenAsync();
        await Expect(opener).ToBeFocusedAsync();
        live.AssertQuiet();
    }

    [BrowserFact]
    public async Task Without_a_token_in_the_configuration_changes_are_shown_as_unavailable_with_the_reason()
    {
        await using var live = await LivePage.OpenAsync(browser);
        var pause = live.Page.GetByRole(AriaRole.Button, new() { Name = "Pause intercom" });

        await Expect(pause).ToHaveAttributeAsync("aria-disabled", "true");
        await Expect(pause).ToHaveAccessibleDescriptionAsync(new Regex("Read-only: no Admin:Token is set"));
        await Expect(live.Page.GetByText("Read-only: no Admin:Token is set")).ToBeVisibleAsync();
        await pause.FocusAsync();
        await live.Page.Keyboard.PressAsync("Enter");

        await Expect(live.Verdict).ToHaveTextAsync(Fine);
        Assert.DoesNotContain(live.Tab.Requests, request => request.EndsWith("/pause", StringComparison.Ordinal));
        live.AssertQuiet();
    }

    [BrowserFact]
    public async Task With_a_token_the_page_asks_for_it_refuses_a_wrong_one_and_keeps_the_right_one_for_the_tab_only()
    {
        await using var live = await LivePage.OpenAsync(browser, token: AdminScene.Token);
        await Expect(live.Page.GetByLabel("The value of Admin:Token")).ToBeFocusedAsync();
        await Expect(live.Page.Locator("#content")).ToBeHiddenAsync();

        await live.UnlockAsync("not the token");
        await Expect(live.Page.GetByText("That is not the token of this connector.")).ToBeVisibleAsync();
        await live.UnlockAsync();
        await Expect(live.Verdict).ToHaveTextAsync(Fine);

        await live.Page.ReloadAsync();
        await Expect(live.Verdict).ToHaveTextAsync(Fine);
        Assert.Equal(0, await live.Page.EvaluateAsync<int>("localStorage.length"));
        Assert.DoesNotContain(live.Tab.Requests, request => request.Contains(AdminScene.Token, StringComparison.Ordinal));
        var other = await browser.OpenAsync(live.Scene.Url);
        await Expect(other.Page.GetByLabel("The value of Admin:Token")).ToBeVisibleAsync();
        await other.DisposeAsync();

        await live.Page.GetByRole(AriaRole.Button, new() { Name = "Forget token" }).ClickAsync();
        await Expect(live.Page.GetByLabel("The value of Admin:Token")).ToBeVisibleAsync();
        Assert.All(live.Tab.Complaints, complaint => Assert.Contains("401", complaint, StringComparison.Ordinal));
    }

    [BrowserFact]
    public async Task A_source_is_paused_and_resumed_with_the_keyboard_alone_and_the_change_bears_the_name()
    {
        await using var live = await LivePage.OpenAsync(browser, token: AdminScene.Token);
        await live.UnlockAsync(name: "Zoë");
        await Expect(live.Verdict).ToHaveTextAsync(Fine);

        await TabToAsync("Pause sequence");
        await live.Page.Keyboard.PressAsync("Enter");

        await Expect(live.Verdict).ToHaveTextAsync("Sequence is paused.");
        await Expect(live.Page.Locator("#verdict-problems")).ToContainTextAsync("Zoë paused it");
        await Expect(live.Page.Locator("#announcement")).ToContainTextAsync("is paused.");
        var resume = live.Page.GetByRole(AriaRole.Button, new() { Name = "Resume sequence" });
        await Expect(resume).ToBeFocusedAsync();
        await Expect(live.Page.GetByRole(AriaRole.Button, new() { Name = "Run now sequence" })).ToHaveAttributeAsync("aria-disabled", "true");

        await live.Page.Keyboard.PressAsync("Space");

        await Expect(live.Verdict).ToHaveTextAsync(Fine);
        await Expect(live.EventsWith("Zoë paused sequence/default.")).ToHaveCountAsync(1);

        await TabToAsync("Run now sequence");
        await live.Page.Keyboard.PressAsync("Enter");
        await Expect(live.Page.Locator("#announcement")).ToHaveTextAsync("sequence runs now.");

        async Task TabToAsync(string button)
        {
            var wanted = live.Page.GetByRole(AriaRole.Button, new() { Name = button });
            for (var i = 0; i < 30 && !await wanted.EvaluateAsync<bool>("e => e === document.activeElement"); i++) await live.Page.Keyboard.PressAsync("Tab");

            await Expect(wanted).ToBeFocusedAsync();
        }
    }

    [BrowserFact]
    public async Task A_source_that_its_vendor_refuses_is_named_at_the_top_with_what_to_do()
    {
        await using var live = await LivePage.OpenAsync(browser);
        await Expect(live.Verdict).ToHaveTextAsync(Fine);

        live.Scene.Scene.Vendors.Intercom.RotateAccessToken();

        await Expect(live.Verdict).ToHaveTextAsync("Intercom is refused by its vendor.");
        await Expect(live.Page.Locator("#verdict-problems")).ToContainTextAsync("Sources:Intercom:AccessToken");
        await Expect(live.Page).ToHaveTitleAsync("✕ Intercom is refused by its vendor. Activity Connector");
        await Expect(live.Source("intercom").Locator(".condition")).ToHaveTextAsync("refused");
        await Expect(live.Source("intercom").Locator(".note")).ToContainTextAsync("Sources:Intercom:AccessToken");
        await Expect(live.Page.Locator("#announcement")).ToHaveTextAsync("Intercom is refused by its vendor.");
        await Expect(live.Source("sequence").Locator(".condition")).ToHaveTextAsync("up to date");
        live.AssertQuiet();
    }

    [BrowserFact]
    public async Task When_the_connector_ends_the_page_says_so_and_goes_on_when_it_is_back()
    {
        await using var live = await LivePage.OpenAsync(browser);
        await Expect(live.Verdict).ToHaveTextAsync(Fine);

        await live.Scene.StopAsync();
        await Expect(live.Verdict).ToHaveTextAsync("The connector does not answer.");
        await Expect(live.Page.Locator("#connection")).ToContainTextAsync("Not live");

        live.Append("Written while nothing was collected.");
        await live.Scene.StartAsync();

        await Expect(live.Page.Locator("#connection")).ToHaveTextAsync("Live");
        await Expect(live.Verdict).ToHaveTextAsync(Fine);
        await Expect(live.EventsWith("Written while nothing was collected.")).ToHaveCountAsync(1);
    }

    [BrowserFact]
    public async Task Hostile_texts_of_a_vendor_are_shown_as_text()
    {
        var (markup, long10K) = ("<img src=x onerror=\"document.title='stolen'\">", new string('x', 10_000));
        await using var live = await LivePage.OpenAsync(browser, width: 360);
        live.Append(markup);
        live.Append("evil \u202egnp.exe", email: "<script>document.title='stolen'</script>");
        live.Append(long10K, email: long10K + "@example.com");
        live.Append(RightToLeft, email: "\u05e9\u05dc@example.com");

        foreach (var shown in new[] { markup, @"evil \u202egnp.exe", "<script>document.title='stolen'</script>", long10K[..300] + "…", RightToLeft })
        {
            await Expect(live.EventsWith(shown)).Not.ToHaveCountAsync(0);
        }

        foreach (var text in new[] { markup, @"evil \u202egnp.exe", "xxxxx" })
        {
            var row = live.EventsWith(text).First;
            await row.GetByRole(AriaRole.Button).First.ClickAsync();
            await Expect(row.Locator(".fields")).ToContainTextAsync(text);
        }

        Assert.Equal(0, await live.Page.Locator("#content img, #content script").CountAsync());
        Assert.DoesNotContain("stolen", await live.Page.TitleAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await live.Page.EvaluateAsync<int>("Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
        live.AssertQuiet();
    }
}
