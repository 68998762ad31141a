using System.Text;
using ActivityConnector.Journals.Kafka;
using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Tests.Shared.Servers;
using ActivityConnector.Vendors;
using Microsoft.AspNetCore.Http;

namespace ActivityConnector.Tests.Journals.Kafka;

/// <summary>What is asked of a schema registry, and what its answers mean.</summary>
public sealed class ValueSchemasTests : IAsyncLifetime
{
    private const string Canary = "canary7f3a9c";

    private readonly TemporaryFolder _folder = new();
    private FakeSchemaRegistry _registry = null!;

    public async Task InitializeAsync() => _registry = await FakeSchemaRegistry.StartAsync();

    public async Task DisposeAsync()
    {
        await _registry.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Without_a_registry_nothing_is_asked()
    {
        Assert.Empty(await EnsureAsync(new()));
        Assert.Empty(_registry.Requests);
    }

    [Fact]
    public async Task A_schema_that_is_not_registered_is_an_error_that_says_what_to_do_and_registers_nothing()
    {
        var failure = await Assert.ThrowsAsync<JournalMisconfiguredException>(() => EnsureAsync(Options()));

        Assert.Equal(
            "The schema registry does not have the schema of activity.intercom-value. The schema registry does not have the schema of "
            + "activity.sequence-value.",
            failure.Message);
        Assert.Equal("Run setup kafka, or set Kafka:SchemaRegistry:AutoRegister to true.", failure.Fix);
        Assert.Empty(_registry.Schemas("activity.intercom-value"));
    }

    [Fact]
    public async Task With_AutoRegister_the_schema_that_the_verb_prints_is_registered_for_each_topic_once()
    {
        var ids = await EnsureAsync(Options(autoRegister: true));
        Assert.Equal(ids, await EnsureAsync(Options(autoRegister: true)));
        Assert.Equal(ids, await EnsureAsync(Options()));

        Assert.Equal(["activity.intercom", "activity.sequence"], ids.Keys.Order());
        foreach (var topic in ids.Keys) Assert.Equal(Vendor.EventSchema, Assert.Single(_registry.Schemas(topic + "-value")));
    }

    [Fact]
    public async Task A_schema_that_the_registry_does_not_take_is_an_error_and_nothing_is_registered_for_the_other_topics()
    {
        _registry.Register("activity.sequence-value", "{\"type\":\"string\"}");
        _registry.Closed.Add("activity.sequence-value");

        var failure = await Assert.ThrowsAsync<JournalMisconfiguredException>(() => EnsureAsync(Options(autoRegister: true)));

        Assert.Contains("The schema of activity.sequence-value is incompatible with the one that the registry has", failure.Message, StringComparison.Ordinal);
        Assert.Contains("TYPE_CHANGED", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_registry.Schemas("activity.intercom-value"));
        Assert.Single(_registry.Schemas("activity.sequence-value"));
    }

    [Fact]
    public async Task A_schema_of_another_connector_is_followed_where_the_registry_allows_it()
    {
        _registry.Register("activity.intercom-value", "{\"type\":\"object\"}");

        var ids = await EnsureAsync(Options(autoRegister: true));

        Assert.Equal(["{\"type\":\"object\"}", Vendor.EventSchema], _registry.Schemas("activity.intercom-value"));
        Assert.Equal((2, 2), (ids["activity.intercom"], ids["activity.sequence"]));
    }

    [Fact]
    public async Task A_password_is_read_from_its_file_each_time()
    {
        _registry.Credential = "user:one";
        var file = _folder.File("password");
        var options = Options(autoRegister: true);
        (options.Username, options.PasswordFile) = ("user", file);
        File.WriteAllText(file, "one\n");
        await EnsureAsync(options);

        _registry.Credential = "user:two";
        var refused = await Assert.ThrowsAsync<JournalMisconfiguredException>(() => EnsureAsync(options));
        Assert.Equal("The schema registry refused the credentials (401 Unauthorized).", refused.Message);

        File.WriteAllText(file, "two\n");
        await EnsureAsync(options);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_credential_follows_no_redirect(int status)
    {
        await using var elsewhere = await FakeSchemaRegistry.StartAsync();
        _registry.Instead = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = elsewhere.Url + context.Request.Path;
            return Task.CompletedTask;
        };

        var failure = await Assert.ThrowsAsync<JournalMisconfiguredException>(() => EnsureAsync(WithCanary(Options(autoRegister: true))));

        Assert.Contains("answers with a redirect", failure.Message, StringComparison.Ordinal);
        Assert.Empty(elsewhere.Requests);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(422)]
    [InlineData(500)]
    public async Task An_answer_that_repeats_the_credential_does_not_bring_it_into_an_error(int status)
    {
        _registry.Instead = context =>
        {
            var sent = context.Request.Headers.Authorization.ToString();
            var plain = Encoding.UTF8.GetString(Convert.FromBase64String(sent["Basic ".Length..]));
            return Results.Json(new { error_code = status, message = $"{sent} {plain}" }, statusCode: status).ExecuteAsync(context);
        };

        var failure = await Assert.ThrowsAnyAsync<JournalException>(() => EnsureAsync(WithCanary(Options(autoRegister: true))));

        var text = failure + failure.Fix;
        Assert.DoesNotContain(Canary, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Canary}:{Canary}")), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_the_configured_authority_that_names_the_host_is_trusted()
    {
        using var certificates = new CertificateFolder();
        await using var registry = await FakeSchemaRegistry.StartAsync(certificates);
        var options = new SchemaRegistryOptions { Url = registry.Url, AutoRegister = true, CaFile = certificates.Authority };

        Assert.Equal(2, (await EnsureAsync(WithCanary(options))).Count);
    }

    [Theory]
    [InlineData("registry.example", true)]
    [InlineData("127.0.0.1", false)]
    public async Task To_a_server_with_another_name_or_of_another_authority_nothing_is_sent(string host, bool knowsAuthority)
    {
        using var certificates = new CertificateFolder();
        using var others = new CertificateFolder();
        await using var registry = await FakeSchemaRegistry.StartAsync(certificates, host);
        var options = new SchemaRegistryOptions { Url = registry.Url, CaFile = (knowsAuthority ? certificates : others).Authority };

        var failure = await Assert.ThrowsAsync<JournalMisconfiguredException>(() => EnsureAsync(WithCanary(options)));

        Assert.Contains("is not trusted", failure.Message, StringComparison.Ordinal);
        Assert.Empty(registry.Requests);
    }

    [Fact]
    public async Task A_registry_that_cannot_be_reached_or_fails_is_asked_again_later()
    {
        var options = Options(autoRegister: true);
        _registry.Instead = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        await Assert.ThrowsAsync<JournalUnavailableException>(() => EnsureAsync(options));

        _registry.Instead = null;
        Assert.Equal(2, (await EnsureAsync(options)).Count);

        await _registry.DisposeAsync();
        var failure = await Assert.ThrowsAsync<JournalUnavailableException>(() => EnsureAsync(options));
        Assert.StartsWith("The schema registry of Kafka:SchemaRegistry:Url cannot be asked: 127.0.0.1:", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "<html>")]
    [InlineData(200, "")]
    [InlineData(200, "[]")]
    [InlineData(200, "{}")]
    [InlineData(200, "{\"id\":\"1\"}")]
    [InlineData(200, "{\"id\":1e99}")]
    [InlineData(404, "")]
    [InlineData(404, "{\"error_code\":404}")]
    [InlineData(405, "")]
    public async Task A_server_that_is_no_schema_registry_is_told_by_its_answer(int status, string body)
    {
        _registry.Instead = context => Results.Text(body, statusCode: status).ExecuteAsync(context);

        var failure = await Assert.ThrowsAsync<JournalMisconfiguredException>(() => EnsureAsync(Options(autoRegister: true)));

        Assert.StartsWith("The server of Kafka:SchemaRegistry:Url answers as no schema registry does", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endless_answer_ends_with_an_error()
    {
        _registry.Instead = async context =>
        {
            var block = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(block, context.RequestAborted);
        };

        await Assert.ThrowsAsync<JournalUnavailableException>(() => EnsureAsync(Options()));
    }

    [Fact]
    public async Task A_registry_below_a_path_is_asked_there()
    {
        var options = Options();
        options.Url += "/below/";

        await Assert.ThrowsAsync<JournalMisconfiguredException>(() => EnsureAsync(options));

        Assert.StartsWith("POST /below/subjects/activity.intercom-value", Assert.Single(_registry.Requests), StringComparison.Ordinal);
    }

    private SchemaRegistryOptions Options(bool autoRegister = false) => new() { Url = _registry.Url, AutoRegister = autoRegister };

    private static SchemaRegistryOptions WithCanary(SchemaRegistryOptions options)
    {
        (options.Username, options.Password) = (Canary, Canary);
        return options;
    }

    private static Task<IReadOnlyDictionary<string, int>> EnsureAsync(SchemaRegistryOptions registry) =>
        new ValueSchemas(new KafkaOptions { SchemaRegistry = registry }, Vendor.Names, Vendor.EventSchema, TimeProvider.System).EnsureAsync(default);
}
