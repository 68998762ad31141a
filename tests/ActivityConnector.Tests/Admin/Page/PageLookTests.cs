using System.Text.Json.Nodes;
using ActivityConnector.Admin;
using ActivityConnector.Pipeline;
using ActivityConnector.Scheduling;
using ActivityConnector.Status;
using ActivityConnector.Tests.EndToEnd;
using ActivityConnector.Tests.Shared.Servers;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ActivityConnector.Tests.Admin.Page;

/// <summary>How the page looks and can be used in situations that are made up, in a browser.</summary>
[Collection(BrowserCollection.Name)]
[Trait("Kind", "server")]
public sealed class PageLookTests(Browser browser)
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    public static TheoryData<string, ColorScheme, int> Looks
    {
        get
        {
            var looks = new TheoryData<string, ColorScheme, int>();
            foreach (var situation in new[] { "fine", "trouble", "many", "empty", "off" })
            {
                foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
                {
                    foreach (var width in WidthsOf(scheme)) looks.Add(situation, scheme, width);
                }
            }

            return looks;
        }
    }

    /// <summary>Each width is seen in one scheme; at full size, in both.</summary>
    [BrowserTheory]
    [MemberData(nameof(Looks))]
    [Trait("Kind", "long")]
    public async Task Axe_finds_nothing_and_nothing_is_wider_than_the_screen(string situation, ColorScheme scheme, int width)
    {
        await using var connector = await StartAsync(situation);
        await using var tab = await browser.OpenAsync(connector.Url, scheme, width);
        await Expect(tab.Page.Locator("#connection")).ToHaveTextAsync("Live");
        await OpenAllAsync(tab.Page);

        await AssertAccessibleAsync(tab.Page);

        // Between the two lie tablets, and a screen of 1280 px at 200 %.
        foreach (var other in new[] { width, 640, 800, 1000, 1100, 1265 })
        {
            await tab.Page.SetViewportSizeAsync(other, 800);
            Assert.Equal(0, await tab.Page.EvaluateAsync<int>("Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
        }

        Assert.Empty(tab.Complaints);
    }

    [BrowserTheory]
    [InlineData(ColorScheme.Light, 360)]
    [InlineData(ColorScheme.Dark, 1280)]
    public async Task Axe_finds_nothing_in_the_form_for_the_token(ColorScheme scheme, int width)
    {
        await using var live = await LivePage.OpenAsync(browser, AdminScene.Token, scheme, width);
        await live.UnlockAsync("not the token");
        await Expect(live.Page.GetByText("That is not the token of this connector.")).ToBeVisibleAsync();

        await AssertAccessibleAsync(live.Page);
    }

    [BrowserTheory]
    [InlineData("fine", "Everything is complete and fresh.")]
    [InlineData("trouble", "3 things need attention: intercom, elasticsearch and 3 dead letters.")]
    [InlineData("many", "3 things need attention.")]
    [InlineData("unaccounted", "Intercom does not account for all that it received.")]
    [InlineData("quiet", "Intercom has had no event for longer than is expected of it.")]
    [InlineData("empty", "Intercom is starting. Nothing is wrong.")]
    [InlineData("off", "No source is on.")]
    public async Task One_sentence_says_how_it_is(string situation, string sentence)
    {
        await using var connector = await StartAsync(situation);
        await using var tab = await browser.OpenAsync(connector.Url);

        await Expect(tab.Page.Locator("#verdict-sentence")).ToHaveTextAsync(sentence);
    }

    [BrowserFact]
    public async Task What_is_wrong_stands_there_with_what_to_do_and_dead_letters_by_their_reason()
    {
        await using var connector = await StartAsync("trouble");
        await using var tab = await browser.OpenAsync(connector.Url);

        var problems = tab.Page.Locator("#verdict-problems li");
        await Expect(problems).ToHaveCountAsync(3);
        await Expect(problems.First).ToContainTextAsync("What to do: Renew Sources:Intercom:AccessToken.");
        var letters = tab.Page.Locator("#letters details");
        await Expect(letters).ToHaveCountAsync(2);
        await Expect(letters.First).ToContainTextAsync("failed to parse field [source.ip]");
        await Expect(tab.Page.Locator("#sources [data-label='Dead letters']").First).ToHaveTextAsync("2");
    }

    [BrowserFact]
    public async Task The_page_keeps_still_while_it_is_brought_up_to_date()
    {
        await using var connector = await StartAsync("fine");
        await using var tab = await browser.OpenAsync(connector.Url);
        await Expect(tab.Page.Locator("#events tbody")).Not.ToHaveCountAsync(0);

        // Three more states arrive.
        var shifts = await tab.Page.EvaluateAsync<double>(
            """
            () => new Promise(done => {
              let sum = 0, states = 0;
              new PerformanceObserver(list => list.getEntries().forEach(entry => sum += entry.value)).observe({ type: 'layout-shift' });
              new MutationObserver(() => ++states >= 3 && done(sum))
                .observe(document.querySelector('#sources'), { subtree: true, childList: true, characterData: true, attributes: true });
            })
            """);

        // The browser's own measure calls up to 0.1 good. A digit that is wider than the one before it gives less than a ten-thousandth.
        Assert.InRange(shifts, 0, 0.001);
    }

    [BrowserFact]
    public async Task The_colours_follow_the_system_until_others_are_chosen_and_the_choice_is_remembered()
    {
        await using var connector = await StartAsync("fine");
        await using var tab = await browser.OpenAsync(connector.Url, ColorScheme.Dark);
        Task<string> GroundAsync() => tab.Page.EvaluateAsync<string>("getComputedStyle(document.documentElement).backgroundColor");
        var dark = await GroundAsync();

        await tab.Page.GetByLabel("Colours").SelectOptionAsync("light");
        var light = await GroundAsync();
        await tab.Page.ReloadAsync();

        Assert.NotEqual(dark, light);
        Assert.Equal(light, await GroundAsync());
        await tab.Page.GetByLabel("Colours").SelectOptionAsync("");
        Assert.Equal(dark, await GroundAsync());
    }

    [BrowserFact]
    public async Task Printed_it_has_no_controls_and_with_less_motion_nothing_moves()
    {
        await using var connector = await StartAsync("trouble");
        await using var tab = await browser.OpenAsync(connector.Url);
        await Expect(tab.Page.Locator("#events tbody")).Not.ToHaveCountAsync(0);

        await tab.Page.EmulateMediaAsync(new() { Media = Media.Print, ReducedMotion = ReducedMotion.Reduce });

        await Expect(tab.Page.Locator("#search")).ToBeHiddenAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Button, new() { Name = "Pause intercom" })).ToBeHiddenAsync();
        await Expect(tab.Page.Locator("#verdict-sentence")).ToBeVisibleAsync();
        Assert.Equal(0, await tab.Page.EvaluateAsync<int>(
            """
            () => [...document.querySelectorAll('*')].map(e => getComputedStyle(e))
              .filter(style => style.transitionDuration !== '0s' || style.animationName !== 'none').length
            """));
    }

    private static int[] WidthsOf(ColorScheme scheme) => Scene.IsLong ? [360, 1280] : scheme == ColorScheme.Light ? [360] : [1280];

    private static async Task AssertAccessibleAsync(IPage page)
    {
        var result = await page.RunAxe(new AxeRunOptions { ResultTypes = [ResultType.Violations] });
        Assert.True(
            result.Violations.Length == 0,
            string.Join('\n', result.Violations.Select(v => $"{v.Id}: {v.Help}: {string.Join("; ", v.Nodes.Take(5).Select(node => node.Html))}")));
    }

    /// <summary>The first source, dead letter and event with everything that is known of it.</summary>
    private static async Task OpenAllAsync(IPage page)
    {
        foreach (var closed in new[] { "#sources .opener", "#letters summary", "#events .opener" })
        {
            if (await page.Locator(closed).CountAsync() > 0) await page.Locator(closed).First.ClickAsync();
        }
    }

    private static Task<StubbedConnector> StartAsync(string situation) => situation switch
    {
        "fine" => StubbedConnector.StartAsync(Status([Source("intercom"), Source("sequence")], [Sink()]), Events(50)),
        "trouble" => StubbedConnector.StartAsync(
            Status([Refused(), Source("sequence")], [Blocked()], new() { ["index"] = 2, ["size"] = 1 }), Events(5), Letters()),
        "many" => StubbedConnector.StartAsync(
            Status([.. Enumerable.Range(0, 20).Select(Numbered)], [Sink()], new() { ["index"] = 2, ["size"] = 1 }), Events(50), Letters()),
        "unaccounted" => StubbedConnector.StartAsync(
            Status([Source("intercom") with { Ledger = new Ledger { Received = 12, Unaccounted = 3, ReadAgain = 1 } }], [])),
        "quiet" => StubbedConnector.StartAsync(
            Status([Source("intercom") with { Condition = SourceCondition.Quiet, Reason = "Its newest event is a day old.", Fix = "Ask the vendor." }], [])),
        "empty" => StubbedConnector.StartAsync(Status(
            [new SourceState { Name = "intercom", Condition = SourceCondition.Starting }], [])),
        _ => StubbedConnector.StartAsync(Status([], [])),
    };

    private static ConnectorStatus Status(IReadOnlyList<SourceState> sources, IReadOnlyList<SinkState> sinks, Dictionary<string, long>? letters = null) => new()
    {
        Version = "1.0.0",
        At = Now,
        StartedAt = Now.AddDays(-2),
        Journal = new JournalState
        {
            Kind = JournalKind.Sqlite,
            Place = "/var/lib/journal.db",
            Bytes = 36_000_000,
            MaxBytes = 54_000_000_000,
            DeadLetters = letters ?? [],
        },
        Sources = sources,
        Sinks = sinks,
    };

    private static SourceState Source(string name) => new()
    {
        Name = name,
        Key = name.Contains('/', StringComparison.Ordinal) ? name : $"{name}/acme",
        Condition = SourceCondition.UpToDate,
        ReadTo = Now.AddSeconds(-4),
        LagSeconds = 4,
        LastSuccess = Now.AddSeconds(-4),
        LastCommit = Now.AddSeconds(-9),
        LastEvent = Now.AddSeconds(-11),
        LastError = new Trouble(Now.AddMinutes(-20), "The vendor cannot be reached.", "See the network."),
        Quota = new Quota(10_000, 9_876),
        EventsPerMinute = 41.7,
        Totals = new CollectedCounts { Published = 1_000_000_000, Known = 12 },
        SweptTo = Now.AddHours(-9),
    };

    private static SourceState Refused() => Source("intercom") with
    {
        Condition = SourceCondition.Refused,
        Reason = "Intercom refused the access token (401).",
        Fix = "Renew Sources:Intercom:AccessToken.",
        LagSeconds = 5_400,
    };

    private static SourceState Numbered(int number)
    {
        var source = Source($"{(number % 2 == 0 ? "intercom" : "sequence")}/{(number % 5 == 0 ? new string('w', 60) : "account")}-{number}");
        return (number % 6) switch
        {
            4 => source with { Condition = SourceCondition.Paused, Paused = new Pause("jane", Now.AddHours(-2)) },
            5 => source with { Condition = SourceCondition.Behind, Reason = "the vendor's quota is used up.", Fix = "Nothing: the next run goes on." },
            _ => source,
        };
    }

    private static SinkState Sink() => new() { Name = "elasticsearch", Condition = SinkCondition.UpToDate, LagSeconds = 0, Waiting = 0, LastSuccess = Now };

    private static SinkState Blocked() => Sink() with
    {
        Condition = SinkCondition.Blocked,
        Reason = "The cluster answers 503.",
        Fix = "See its health.",
        Waiting = 1_000_000_000,
        LagSeconds = 3_000,
    };

    private static DeadLetterList Letters() => new(
    [
        Letter("a", "index", "failed to parse field [source.ip]", "intercom/acme"),
        Letter("b", "index", "failed to parse field [source.ip]", "intercom/acme"),
        Letter("c", "size", "It is too large.", "sequence/acme"),
    ]);

    private static ListedLetter Letter(string id, string stage, string reason, string origin) =>
        new(new string(id[0], 40), stage, Now.AddMinutes(-5), origin, reason, 2_034);

    private static EventList Events(int count) => new([.. Enumerable.Range(0, count).Select(number => new ListedEvent(
        count - number,
        "sequence/acme",
        $"{number:d40}",
        Now.AddMinutes(-number),
        Now.AddMinutes(-number),
        "80008d48bb79dfbd1500c13f632cb05f",
        new JsonObject
        {
            ["@timestamp"] = Now.AddMinutes(-number),
            ["message"] = $"Invoice {number} created by Grace Hopper",
            ["event.action"] = "invoice_created",
            ["event.category"] = new JsonArray("api"),
            ["event.outcome"] = number % 7 == 3 ? "failure" : "success",
            ["event.original"] = new string('y', 3_000),
            ["user.email"] = "grace@example.com",
        }))]);
}
