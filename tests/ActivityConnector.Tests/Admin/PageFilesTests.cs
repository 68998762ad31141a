using System.Net;
using System.Text.RegularExpressions;
using ActivityConnector.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Logging;

namespace ActivityConnector.Tests.Admin;

/// <summary>What the server gives a browser, without one.</summary>
public sealed partial class PageFilesTests : IAsyncLifetime
{
    private static readonly string[] Paths =
    [
        "/", "/page/api.js", "/page/dom.js", "/page/events.js", "/page/icon.svg", "/page/letters.js", "/page/main.js", "/page/page.css", "/page/parts.js",
        "/page/sources.js", "/page/text.js", "/page/theme.js", "/page/verdict.js",
    ];

    private readonly WebApplication _server = Server();

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Every_file_is_served_without_the_token_and_under_the_strict_policy()
    {
        foreach (var path in Paths)
        {
            using var answer = await SendAsync(HttpMethod.Get, path);

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var policy = Header(answer, "Content-Security-Policy");
            Assert.Equal(
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
                + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
                policy);
            Assert.Equal("no-cache", Header(answer, "Cache-Control"));
            Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
            Assert.Equal("no-referrer", Header(answer, "Referrer-Policy"));
        }
    }

    [Theory]
    [InlineData("/", "text/html; charset=utf-8")]
    [InlineData("/page/main.js", "text/javascript; charset=utf-8")]
    [InlineData("/page/page.css", "text/css; charset=utf-8")]
    [InlineData("/page/icon.svg", "image/svg+xml")]
    public async Task Each_file_has_the_type_that_it_is(string path, string type)
    {
        using var answer = await SendAsync(HttpMethod.Get, path);

        Assert.Equal(type, answer.Content.Headers.ContentType?.ToString());
    }

    [Theory]
    [InlineData("/index.html")]
    [InlineData("/page")]
    [InlineData("/page/")]
    [InlineData("/page/index.html")]
    [InlineData("/PAGE/MAIN.JS")]
    [InlineData("/page/main.js/")]
    [InlineData("/page/%2e%2e%2fsettings")]
    [InlineData("/page/other.js")]
    [InlineData("//")]
    public async Task Nothing_else_is_a_file_of_the_page(string path)
    {
        using var answer = await SendAsync(HttpMethod.Get, path);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task Other_methods_than_reading_are_refused(string method)
    {
        foreach (var path in Paths)
        {
            using var answer = await SendAsync(new HttpMethod(method), path);

            Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
            Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow.Order());
        }
    }

    [Fact]
    public async Task Head_has_the_headers_of_get_and_no_content()
    {
        foreach (var path in Paths)
        {
            using var whole = await SendAsync(HttpMethod.Get, path);
            using var head = await SendAsync(HttpMethod.Head, path);

            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
            Assert.Equal((await whole.Content.ReadAsByteArrayAsync()).Length, head.Content.Headers.ContentLength);
            Assert.Equal(whole.Headers.ETag, head.Headers.ETag);
        }
    }

    [Fact]
    public async Task A_browser_that_has_a_file_is_told_that_it_is_the_same()
    {
        using var first = await SendAsync(HttpMethod.Get, "/page/main.js");
        using var second = await SendAsync(HttpMethod.Get, "/page/main.js", first.Headers.ETag!.ToString());

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task The_page_has_no_inline_script_or_style_and_names_only_files_that_are_there()
    {
        foreach (var path in Paths.Where(path => path is "/" || path.EndsWith(".js", StringComparison.Ordinal)))
        {
            using var answer = await SendAsync(HttpMethod.Get, path);
            var text = await answer.Content.ReadAsStringAsync();

            Assert.DoesNotMatch(Inline(), text);
            Assert.DoesNotMatch(Markup(), text);
            var named = Named().Matches(text).Select(match => match.Groups["path"].Value.Replace("./", "/page/", StringComparison.Ordinal));
            Assert.All(named, file => Assert.Contains(file, Paths));
        }
    }

    private static WebApplication Server()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        var application = builder.Build();
        application.UseMiddleware<Access>(new AdminOptions { Token = "a-token-of-this-test" });
        application.UseMiddleware<PageFiles>();
        return application;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? known = null)
    {
        using var client = _server.GetTestServer().CreateClient();
        using var request = new HttpRequestMessage(method, $"http://localhost{path}");
        if (known is not null) request.Headers.TryAddWithoutValidation("If-None-Match", known);

        return await client.SendAsync(request);
    }

    private static string Header(HttpResponseMessage answer, string name) => Assert.Single(answer.Headers.GetValues(name));

    [GeneratedRegex(@"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=""|javascript:")]
    private static partial Regex Inline();

    [GeneratedRegex(@"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")]
    private static partial Regex Markup();

    [GeneratedRegex(@"(?:src|href)=""(?<path>/[^""]*)""|from '(?<path>\./[^']+)'")]
    private static partial Regex Named();
}
