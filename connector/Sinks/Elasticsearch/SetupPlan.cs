using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActivityConnector.Sinks.Elasticsearch;

/// <summary>One thing that the cluster needs.</summary>
/// <param name="Kind">What it is, for a person.</param>
/// <param name="Path">Where it is read and put.</param>
/// <param name="Body">As it is put.</param>
/// <param name="IsOptional">Some servers have no such thing, and it goes without.</param>
internal sealed record SetupStep(string Kind, string Name, string Path, string Body, bool IsOptional = false);

/// <summary>What a server of this kind and version needs, in the order in which it is put. Pure but for the files it is made from.</summary>
internal static class SetupPlan
{
    private const string Own = "activity-connector-";
    private const string DefaultPrefix = "logs";

    /// <summary>The folder with a file for each source: the fields below its own name.</summary>
    private const string SourcesFolder = "sources";

    /// <summary>Stands in an index pattern for the name of each source.</summary>
    private const string EachSource = "{source}";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <param name="folder">Holds the templates and policies.</param>
    public static IReadOnlyList<SetupStep> Of(string folder, ElasticsearchOptions options, ServerInfo server)
    {
        var mode = options.Mode == ElasticsearchMode.Month ? "dated" : "stream";
        var steps = new List<SetupStep>();
        if (server.IsOpenSearch)
        {
            steps.Add(Policy("ISM policy", "_plugins/_ism/policies/", mode + ".ism.json"));
        }
        else if (!server.IsServerless)
        {
            steps.Add(Policy("ILM policy", "_ilm/policy/", mode + ".ilm.json"));
        }

        var settings = Read(folder, "settings.json", options);
        FitSettings(settings, server);
        var mappings = Read(folder, "mappings.json", options);
        AddSources(mappings, folder, MayGrow(server));
        FitMappings(mappings, server);
        var template = Read(folder, mode + ".json", options);
        FitTemplate(template, options, server);
        steps.Add(new("component template", Name("mappings"), "_component_template/" + Name("mappings"), Text(mappings)));
        steps.Add(new("component template", Name("settings"), "_component_template/" + Name("settings"), Text(settings)));
        steps.Add(new("index template", Name(mode), "_index_template/" + Name(mode), Text(template)));
        return steps;

        string Name(string part) => Own + part + Suffix(options);

        SetupStep Policy(string kind, string path, string file)
        {
            var policy = Read(folder, file, options);
            Keep(policy, options);
            return new(kind, Name(mode), path + Name(mode), Text(policy), IsOptional: true);
        }
    }

    /// <summary>The newest <c>_meta.template_version</c> in an answer; null when there is none.</summary>
    public static int? VersionIn(JsonNode? node) => node switch
    {
        JsonObject members => members.Max(member =>
            member.Key == "template_version" && member.Value is JsonValue value && value.TryGetValue(out int version) ? version : VersionIn(member.Value)),
        JsonArray elements => elements.Max(VersionIn),
        _ => null,
    };

    /// <summary>The file of a source's own fields, from the folder of the templates.</summary>
    public static string FileOf(string source) => Path.Combine(SourcesFolder, source + ".json");

    private static void FitSettings(JsonNode settings, ServerInfo server)
    {
        var index = settings["template"]!["settings"]!["index"]!.AsObject();
        if (server.IsOpenSearch || server.IsServerless) index.Remove("lifecycle");

        if (server.IsServerless)
        {
            index.Remove("number_of_shards");
            index.Remove("auto_expand_replicas");
            index.Remove("codec");
        }

        if (MayGrow(server)) index["mapping"]!["total_fields"]!["ignore_dynamic_beyond_limit"] = true;
    }

    /// <summary>Whether the server leaves a field beyond the limit out of the mapping; others refuse the document with it.</summary>
    private static bool MayGrow(ServerInfo server) => server.IsAtLeast(openSearch: false, 8, 13);

    private static void FitMappings(JsonNode mappings, ServerInfo server)
    {
        FitTypes(mappings, server);
        if (server.IsServerless || server.IsAtLeast(openSearch: false, 8, 15))
        {
            // Measured: opening an object for every dotted name takes a quarter of the server's processor. Objects that come all the same, in
            // documents or in mappings, are flattened from this version on.
            mappings["template"]!["mappings"]!.AsObject().TryAdd("subobjects", false);
        }
    }

    private static void FitTypes(JsonNode node, ServerInfo server)
    {
        if (node is JsonObject type && type["type"] is JsonValue name && name.TryGetValue<string>(out var text))
        {
            if (text == "match_only_text" && !server.IsAtLeast(openSearch: false, 7, 14) && !server.IsAtLeast(openSearch: true, 2, 12))
            {
                type["type"] = "text";
                type["norms"] = false;
            }
            else if (text == "constant_keyword" && server.IsOpenSearch)
            {
                // There it wants its value in advance.
                type["type"] = "keyword";
            }

            if (type["index"] is not null && type["doc_values"] is null && !server.IsAtLeast(openSearch: false, 8, 1))
            {
                // Older ones, and OpenSearch, do not search a field that has columns only.
                type.Remove("index");
            }
        }

        foreach (var child in Children(node)) FitTypes(child, server);
    }

    private static void FitTemplate(JsonNode template, ElasticsearchOptions options, ServerInfo server)
    {
        if (options.Mode != ElasticsearchMode.Datastream) return;

        if (server.IsOpenSearch)
        {
            // There a data stream refuses to have its time stamp be something else, whatever the field itself says.
            template["template"] = new JsonObject { ["settings"] = new JsonObject { ["index.mapping.ignore_malformed"] = false } };
        }
        else if (server.IsServerless)
        {
            var lifecycle = new JsonObject();
            if (options.Retention is { } kept) lifecycle["data_retention"] = Days(kept);

            template["template"] = new JsonObject { ["lifecycle"] = lifecycle };
        }
    }

    private static void Keep(JsonNode policy, ElasticsearchOptions options)
    {
        if (policy["policy"]!["phases"] is JsonObject phases)
        {
            if (options.Retention is { } kept)
            {
                phases["delete"]!["min_age"] = Days(kept);
            }
            else
            {
                phases.Remove("delete");
            }

            return;
        }

        var transitions = policy["policy"]!["states"]![0]!["transitions"]!.AsArray();
        if (options.Retention is null)
        {
            transitions.Clear();
            return;
        }

        var conditions = transitions[0]!["conditions"]!.AsObject();
        foreach (var name in conditions.Select(c => c.Key).ToList()) conditions[name] = Days(options.Retention.Value);
    }

    private static string Days(TimeSpan kept) => $"{Math.Ceiling(kept.TotalDays)}d";

    private static JsonNode Read(string folder, string file, ElasticsearchOptions options)
    {
        var node = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, file)))!;
        NameSources(node, [.. SourceFiles(folder).Select(Path.GetFileNameWithoutExtension).OfType<string>()]);
        if (options.Prefix != DefaultPrefix) Rename(node, options);

        return node;
    }

    private static IOrderedEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(folder, SourcesFolder), "*.json").Order(StringComparer.Ordinal);

    /// <param name="mayGrow">False = of an object with keys of the vendor's only the fields that are named here are searched; the others are stored.</param>
    private static void AddSources(JsonNode mappings, string folder, bool mayGrow)
    {
        var target = mappings["template"]!["mappings"]!;
        var dynamic = target["dynamic_templates"]!.AsArray();
        var properties = target["properties"]!.AsObject();
        foreach (var source in SourceFiles(folder).Select(file => JsonNode.Parse(File.ReadAllText(file))!))
        {
            // The first dynamic template that matches counts, so those of one source come before those for all.
            foreach (var template in source["dynamic_templates"]!.AsArray().Reverse()) dynamic.Insert(0, template!.DeepClone());
            // What mappings.json itself says of a field counts.
            foreach (var (name, field) in source["properties"]!.AsObject())
            {
                var own = field!.DeepClone();
                if (!mayGrow) EndGrowth(own);

                properties.TryAdd(name, own);
            }
        }
    }

    private static void EndGrowth(JsonNode node)
    {
        if (node is JsonObject field && field["dynamic"] is JsonValue value && value.GetValueKind() == JsonValueKind.True) field["dynamic"] = false;

        foreach (var child in Children(node)) EndGrowth(child);
    }

    /// <summary>Each text with <see cref="EachSource"/> becomes one text a source.</summary>
    private static void NameSources(JsonNode node, IReadOnlyList<string> sources)
    {
        if (node is JsonArray texts
            && texts.Any(t => t is JsonValue v && v.TryGetValue<string>(out var text) && text.Contains(EachSource, StringComparison.Ordinal)))
        {
            var patterns = texts.Select(t => t!.GetValue<string>()).ToList();
            texts.Clear();
            foreach (var name in patterns.SelectMany(p => sources.Select(s => p.Replace(EachSource, s, StringComparison.Ordinal)).Distinct())) texts.Add(name);
            return;
        }

        foreach (var child in Children(node)) NameSources(child, sources);
    }

    // Templates of two prefixes stand side by side.
    private static void Rename(JsonNode node, ElasticsearchOptions options)
    {
        foreach (var child in Children(node))
        {
            if (child is not JsonValue value || !value.TryGetValue<string>(out var text))
            {
                Rename(child, options);
            }
            else if (text.StartsWith(Own, StringComparison.Ordinal))
            {
                child.ReplaceWith(text + Suffix(options));
            }
            else if (text.StartsWith(DefaultPrefix + "-", StringComparison.Ordinal))
            {
                child.ReplaceWith(options.Prefix + text[DefaultPrefix.Length..]);
            }
        }
    }

    private static string Suffix(ElasticsearchOptions options) => options.Prefix == DefaultPrefix ? "" : "-" + options.Prefix;

    private static List<JsonNode> Children(JsonNode node) => node switch
    {
        JsonObject members => [.. members.Select(member => member.Value).OfType<JsonNode>()],
        JsonArray elements => [.. elements.OfType<JsonNode>()],
        _ => [],
    };

    private static string Text(JsonNode node) => node.ToJsonString(Indented);
}
