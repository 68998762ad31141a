using ActivityConnector.Journals.Kafka;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace ActivityConnector.Tests.Shared.Servers;

/// <summary>
/// One broker with users, rights and certificates. Whoever comes without a name may do everything; a named user only what a test allows.
/// </summary>
public sealed class SecuredKafka : IAsyncLifetime
{
    /// <summary>A user that the broker knows from its own configuration, with the password <c>plain-secret</c>.</summary>
    public const string PlainUser = "plain-user";

    /// <summary>Known to librdkafka, and without a name in Confluent.Kafka.</summary>
    public const ResourceType TransactionalId = (ResourceType)5;

    private static readonly (ResourceType Type, AclOperation Operation)[] Rights =
    [
        (ResourceType.Topic, AclOperation.Create), (ResourceType.Topic, AclOperation.Describe), (ResourceType.Topic, AclOperation.DescribeConfigs),
        (ResourceType.Topic, AclOperation.Read), (ResourceType.Topic, AclOperation.Write), (ResourceType.Group, AclOperation.Read),
        (TransactionalId, AclOperation.Describe), (TransactionalId, AclOperation.Write),
    ];

    private readonly int[] _ports = new int[5];
    private KafkaCluster? _cluster;
    private IAdminClient? _admin;

    public KafkaCluster Cluster => _cluster!;

    public IAdminClient Admin => _admin!;

    public CertificateFolder Certificates { get; } = new();

    /// <summary>Gives out the tokens that the broker accepts.</summary>
    public TokenEndpoint Tokens { get; } = new();

    /// <summary>TLS, and a password by PLAIN or SCRAM.</summary>
    public string Sasl => $"127.0.0.1:{_ports[0]}";

    /// <summary>TLS and no name.</summary>
    public string Tls => $"127.0.0.1:{_ports[1]}";

    /// <summary>TLS with a certificate for another host.</summary>
    public string Misnamed => $"127.0.0.1:{_ports[2]}";

    /// <summary>TLS with a certificate of the client's, whose whole subject is its name.</summary>
    public string Mutual => $"127.0.0.1:{_ports[3]}";

    /// <summary>TLS, and a token; a connection lasts no longer than the token that it was made with.</summary>
    public string OAuth => $"127.0.0.1:{_ports[4]}";

    public async Task InitializeAsync()
    {
        if (KafkaCluster.Missing is not null) return;

        for (var i = 0; i < _ports.Length; i++) _ports[i] = ServerFolder.FreePorts(1);

        await Tokens.StartAsync(Certificates);
        var listeners = $"SASL://{Sasl},TLS://{Tls},MISNAMED://{Misnamed},MUTUAL://{Mutual},OAUTH://{OAuth}";
        var (right, wrong) = (Certificates.KeyStore("broker", "127.0.0.1"), Certificates.KeyStore("stranger", "kafka.example"));
        _cluster = await KafkaCluster.StartAsync(
            // Brokers take keys only from addresses that they are told so.
            new Dictionary<string, string> { ["JDK_JAVA_OPTIONS"] = $"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={Tokens.Keys}" },
            1,
            [
                $"listeners=PLAINTEXT://127.0.0.1:PORT,{listeners},CONTROLLER://127.0.0.1:CONTROLLERPORT",
                $"advertised.listeners=PLAINTEXT://127.0.0.1:PORT,{listeners}",
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_SSL,TLS:SSL,MISNAMED:SSL,MUTUAL:SSL,OAUTH:SASL_SSL",
                .. KeyStore("sasl", right),
                .. KeyStore("tls", right),
                .. KeyStore("misnamed", wrong),
                .. KeyStore("mutual", right),
                .. KeyStore("oauth", right),
                "listener.name.mutual.ssl.client.auth=required",
                "listener.name.mutual.ssl.truststore.type=PEM",
                $"listener.name.mutual.ssl.truststore.location={Certificates.Authority}",
                "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
                "listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
                + $"user_{PlainUser}=\"plain-secret\";",
                "listener.name.sasl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
                "listener.name.sasl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
                "listener.name.oauth.sasl.enabled.mechanisms=OAUTHBEARER",
                "listener.name.oauth.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;",
                "listener.name.oauth.oauthbearer.sasl.server.callback.handler.class="
                + "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler",
                $"listener.name.oauth.sasl.oauthbearer.jwks.endpoint.url={Tokens.Keys}",
                $"listener.name.oauth.sasl.oauthbearer.expected.issuer={TokenEndpoint.Issuer}",
                $"listener.name.oauth.sasl.oauthbearer.expected.audience={TokenEndpoint.Audience}",
                "listener.name.oauth.sasl.oauthbearer.clock.skew.seconds=0",
                "listener.name.oauth.oauthbearer.connections.max.reauth.ms=3600000",
                "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users=User:ANONYMOUS",
            ]);
        _admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _cluster.Bootstrap }).Build();
    }

    public async Task DisposeAsync()
    {
        _admin?.Dispose();
        if (_cluster is not null) await _cluster.DisposeAsync();

        await Tokens.DisposeAsync();
        Certificates.Dispose();
    }

    /// <summary>Options for a journal of its own, by one of the ways in.</summary>
    public KafkaOptions Options(string bootstrap, KafkaSecurityOptions security) => new()
    {
        BootstrapServers = bootstrap,
        TopicPrefix = KafkaServer.NewPrefix(),
        ReplicationFactor = 1,
        MinInSyncReplicas = 1,
        Security = security,
    };

    /// <summary>A user of the SASL way in, or a new password for one.</summary>
    public Task SetPasswordAsync(string user, string password, ScramMechanism mechanism = ScramMechanism.ScramSha512) =>
        Admin.AlterUserScramCredentialsAsync([new UserScramCredentialUpsertion
        {
            User = user,
            Password = System.Text.Encoding.UTF8.GetBytes(password),
            Salt = "a salt of this test"u8.ToArray(),
            ScramCredentialInfo = new ScramCredentialInfo { Mechanism = mechanism, Iterations = 4096 },
        }]);

    /// <summary>What docs/operations.md says a connector needs on what begins with the prefix, but for what is left out.</summary>
    public Task AllowAsync(string principal, string prefix, params (ResourceType Type, AclOperation Operation)[] without) =>
        Admin.CreateAclsAsync(Rights.Except(without).Select(right => new AclBinding
        {
            Pattern = new ResourcePattern { Type = right.Type, Name = prefix, ResourcePatternType = ResourcePatternType.Prefixed },
            Entry = new AccessControlEntry { Principal = principal, Host = "*", Operation = right.Operation, PermissionType = AclPermissionType.Allow },
        }));

    /// <summary>Takes every right away from somebody.</summary>
    public Task ForbidAsync(string principal) => Admin.DeleteAclsAsync([new AclBindingFilter
    {
        PatternFilter = new ResourcePatternFilter { Type = ResourceType.Any, ResourcePatternType = ResourcePatternType.Any },
        EntryFilter = new AccessControlEntryFilter { Principal = principal, Operation = AclOperation.Any, PermissionType = AclPermissionType.Any },
    }]);

    private static string[] KeyStore(string listener, string path) =>
        [$"listener.name.{listener}.ssl.keystore.type=PEM", $"listener.name.{listener}.ssl.keystore.location={path}"];
}

/// <summary>Tests that share the broker with rights; they run one after the other.</summary>
[CollectionDefinition(Name)]
#pragma warning disable CA1711 // xunit's word for it.
public sealed class SecuredKafkaCollection : ICollectionFixture<SecuredKafka>
#pragma warning restore CA1711
{
    public const string Name = "Kafka with rights";
}
