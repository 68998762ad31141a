using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>
/// What a pod with 256 MB and hostile pages of one vendor does to the process and to the other source. .NET takes three quarters of such a pod for
/// its heap, which is what the process is given here.
/// </summary>
[Trait("Kind", "long")]
[Trait("Kind", "slow")]
public sealed partial class SmallPodTests
{
    private const string HeapOfAPod = "0xC000000";
    private const int MegabytesOfThePod = 256;

    [Theory]
    [InlineData("a body without an end")]
    [InlineData("a body that unpacks to gigabytes")]
    [InlineData("pages that are too large, each with a next one, in one second")]
    [InlineData("records just below the limit")]
    [InlineData("a page of hundreds of thousands of records")]
    [InlineData("a record of hundreds of thousands of members")]
    [InlineData("a page of deep records")]
    public async Task Hostile_pages_neither_end_the_process_nor_keep_the_other_source_from_its_present(string what)
    {
        await using var vendor = await HostileVendor.StartAsync(what);
        await using var scene = await Scene.OpenAsync(o => o with { Intercom = o.Intercom with { Records = 1 }, Sequence = o.Sequence with { Records = 500 } });
        scene.Settings["Sources__Intercom__BaseUrl"] = vendor.Url;
        scene.Settings["Sources__Intercom__StartAt"] = "-2h";
        scene.Settings["DOTNET_GCHeapHardLimit"] = HeapOfAPod;
        scene.Settings["DOTNET_GCgen0size"] = "0x1000000";

        await using var connector = scene.Start("run", "--once", "--timeout", "00:00:30");
        await connector.SeenAsync("sequence/default is owned by this process");
        var status = await File.ReadAllTextAsync($"/proc/{connector.Id}/status");
        var exitCode = await connector.EndAsync();
        var (output, errors) = (connector.Output, connector.Errors);

        Assert.True(exitCode == 1, errors);
        Assert.Contains("sequence\tup to date", output, StringComparison.Ordinal);
        Assert.DoesNotContain("too little memory", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", errors, StringComparison.Ordinal);

        // A pod that is full gives back the pages of the program's files, which cannot end it. More of them are read later: what is left is an upper bound.
        var ofFiles = Number(OfFiles(), status) / 1024;
        Assert.InRange(Number(MostMemory(), errors) - ofFiles, 1, MegabytesOfThePod);
    }

    private static int Number(Regex regex, string text) => int.Parse(regex.Match(text).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("at most ([0-9]+) MB of memory")]
    private static partial Regex MostMemory();

    [GeneratedRegex("RssFile:\\s+([0-9]+) kB")]
    private static partial Regex OfFiles();

    /// <summary>A vendor on loopback that sends more than any client can hold.</summary>
    private sealed class HostileVendor : IAsyncDisposable
    {
        private const int Endless = 1 << 20;

        private readonly WebApplication _app;
        private readonly string _what;
        private readonly long _second = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 3600;
        private int _pages;

        private HostileVendor(string what)
        {
            _what = what;
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            _app = builder.Build();
            _app.Run(AnswerAsync);
        }

        public string Url => _app.Urls.First();

        public static async Task<HostileVendor> StartAsync(string what)
        {
            var vendor = new HostileVendor(what);
            await vendor._app.StartAsync();
            return vendor;
        }

        public async ValueTask DisposeAsync() => await _app.DisposeAsync();

        private async Task AnswerAsync(HttpContext http)
        {
            if (http.Request.Path == "/me")
            {
                await http.Response.WriteAsync("""{"type":"admin","app":{"type":"app","id_code":"abc123","name":"n"}}""");
                return;
            }

            http.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
            try
            {
                await PageAsync(http);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // It has seen enough.
            }
        }

        private Task PageAsync(HttpContext http) => _what switch
        {
            "a body without an end" => WriteAsync(http.Response.Body, "{\"activity_logs\":[", "{\"id\":\"x", Endless),
            "a body that unpacks to gigabytes" => PackedAsync(http),
            "pages that are too large, each with a next one, in one second" => RecordsAsync(http, 250, i => Record(i, new string('x', 120_000))),
            "records just below the limit" => RecordsAsync(http, 4, i => Record(i, new string('x', 3_900_000))),
            "a page of hundreds of thousands of records" => RecordsAsync(http, 350_000, i => $$"""{"id":"{{i}}","created_at":{{_second}}}"""),
            "a record of hundreds of thousands of members" => RecordsAsync(http, 1, i => Record(i, "x", 330_000)),
            _ => RecordsAsync(http, 15_000, i => Record(i, "x").Replace("{}", Nested(240), StringComparison.Ordinal)),
        };

        private static string Nested(int levels) =>
            new StringBuilder().Insert(0, "{\"a\":", levels).Append('1').Append('}', levels).ToString();

        private string Record(int number, string text, int members = 0) =>
            "{\"id\":\"r" + number + "\",\"created_at\":" + _second + ",\"activity_type\":\"app_name_change\",\"activity_description\":\"" + text
            + "\",\"metadata\":{" + string.Join(',', Enumerable.Range(0, members).Select(i => $"\"k{i}\":\"v\"")) + "}}";

        private async Task RecordsAsync(HttpContext http, int count, Func<int, string> record)
        {
            var page = Interlocked.Increment(ref _pages);
            await http.Response.WriteAsync("{\"type\":\"activity_log.list\",\"activity_logs\":[");
            for (var i = 0; i < count; i++) await http.Response.WriteAsync((i == 0 ? "" : ",") + record((page * count) + i));

            await http.Response.WriteAsync(
                $$$"""],"pages":{"type":"pages","page":1,"per_page":250,"total_pages":9999,"next":"{{{Url}}}/admins/activity_logs?page={{{page + 1}}}"}}""");
        }

        private static async Task PackedAsync(HttpContext http)
        {
            http.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(http.Response.Body, CompressionLevel.SmallestSize);
            await WriteAsync(gzip, "{\"activity_logs\":[\"", new string('x', 1024), 4 * Endless);
        }

        private static async Task WriteAsync(Stream body, string start, string again, int times)
        {
            await body.WriteAsync(Encoding.UTF8.GetBytes(start));
            var block = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(again, 4096)));
            for (var i = 0; i < times / 4096; i++) await body.WriteAsync(block);
        }
    }
}
