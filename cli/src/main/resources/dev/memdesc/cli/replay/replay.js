(function () {
  'use strict';
  var reports = JSON.parse(document.getElementById('data').textContent);
  var names = ['tables', 'mapped', 'commands', 'operations', 'end'];
  var charts = {};
  names.forEach(function (id) {
    charts[id] = echarts.init(document.getElementById(id), null, { renderer: 'svg' });
  });

  var units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

  function unitOf(value) {
    var unit = 0;
    while (Math.abs(value) >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit;
  }

  function bytes(value) {
    var unit = unitOf(value);
    return Math.round(value / Math.pow(1024, unit) * 100) / 100 + ' ' + units[unit];
  }

  function count(value) {
    return Number(value).toLocaleString('en');
  }

  function points(report, axis, key) {
    return report.samples
      .filter(function (sample) { return sample[key] !== undefined; })
      .map(function (sample) { return [sample[axis], sample[key]]; });
  }

  // An axis of bytes has ticks that are round in one unit.
  function axisOf(format, most) {
    if (format !== bytes) {
      return { type: 'value', axisLabel: { formatter: format } };
    }
    var step = Math.pow(1024, unitOf(most));
    var interval = Math.pow(2, Math.ceil(Math.log2(Math.max(most, 1) / step / 6))) * step;
    return { type: 'value', min: 0, max: Math.ceil(Math.max(most, 1) / interval) * interval,
      interval: interval, axisLabel: { formatter: bytes } };
  }

  function mostOf(lines) {
    return lines.reduce(function (most, one) {
      return one.data.reduce(function (so, point) { return Math.max(so, point[1]); }, most);
    }, 0);
  }

  function curves(chart, axis, format, lines) {
    chart.setOption({
      animation: false,
      tooltip: { trigger: 'axis', valueFormatter: format },
      legend: { show: true, type: 'scroll' },
      grid: { left: 20, right: 40, top: 50, bottom: 20, containLabel: true },
      xAxis: { type: 'value', name: axis, nameLocation: 'middle', nameGap: 26, max: 'dataMax' },
      yAxis: axisOf(format, mostOf(lines)),
      series: lines
    }, true);
  }

  var palette = ['#3b6fb6', '#d1702c', '#3d9a5f', '#8c5fb0', '#b8433f', '#6f7f8f'];

  function line(name, index, data, dashed) {
    var color = palette[index % palette.length];
    return { name: name, type: 'line', showSymbol: data.length < 2, data: data,
      itemStyle: { color: color },
      lineStyle: { color: color, type: dashed ? 'dashed' : 'solid', width: dashed ? 1.5 : 4,
        opacity: dashed ? 1 : 0.5 } };
  }

  function draw(axis) {
    var tables = [];
    reports.forEach(function (report, index) {
      tables.push(line(report.format, index, points(report, axis, 'tableBytes'), false));
      tables.push(
        line(report.format + ' stranded', index, points(report, axis, 'strandedBytes'), true));
    });
    curves(charts.tables, axis, bytes, tables);
    // What the events say is the same in every format.
    [['mapped', 'mappedBytes', bytes, 1], ['operations', 'operationsPerSecond', count, 1],
      ['commands', 'commands', count, reports.length]].forEach(function (one) {
      curves(charts[one[0]], axis, one[2], reports.slice(0, one[3]).map(function (report, index) {
        var name = one[3] === 1 && reports.length > 1 ? 'all formats' : report.format;
        return line(name, index, points(report, axis, one[1]), false);
      }));
    });
  }

  function bars() {
    charts.end.setOption({
      animation: false,
      tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' }, valueFormatter: bytes },
      legend: { show: true },
      grid: { left: 20, right: 40, top: 40, bottom: 20, containLabel: true },
      xAxis: { type: 'category', data: reports.map(function (report) { return report.format; }) },
      yAxis: axisOf(bytes, reports.reduce(function (most, report) {
        return Math.max(most, report.tableBytes);
      }, 0)),
      series: [
        { name: 'in use', type: 'bar', stack: 'tables', barMaxWidth: 80,
          itemStyle: { color: '#3b6fb6' },
          data: reports.map(function (report) { return report.tableBytes - report.strandedBytes; }) },
        { name: 'stranded', type: 'bar', stack: 'tables', barMaxWidth: 80,
          itemStyle: { color: '#d9a441' },
          data: reports.map(function (report) { return report.strandedBytes; }) }
      ]
    });
  }

  function row(table, tag, cells) {
    var tr = document.createElement('tr');
    cells.forEach(function (cell) {
      var td = document.createElement(tag);
      td.textContent = cell;
      tr.appendChild(td);
    });
    table.appendChild(tr);
  }

  function numbers() {
    var table = document.getElementById('numbers');
    row(table, 'th', ['format', 'tables', 'peak', 'stranded', 'mapped', 'commands',
      'invalidations', 'findings']);
    reports.forEach(function (report) {
      row(table, 'td', [report.format, bytes(report.tableBytes), bytes(report.peakTableBytes),
        bytes(report.strandedBytes) + ' (' + report.strandedPercent + ' %)',
        bytes(report.mappedBytes), count(report.commandCount), count(report.invalidationCount),
        count(report.findingCount)]);
    });
  }

  function notes() {
    var seen = {};
    var list = document.getElementById('notes');
    function add(text) {
      if (!seen[text]) {
        seen[text] = true;
        var item = document.createElement('li');
        item.textContent = text;
        list.appendChild(item);
      }
    }
    reports.forEach(function (report) {
      report.notes.forEach(add);
      report.findings.forEach(function (finding) {
        add(report.format + ': ' + count(finding.count) + ' times ' + finding.meaning +
          ' (first in line ' + finding.firstLines[0] + ')');
      });
      if (report.trace.badLineCount > 0) {
        add('incomplete: ' + count(report.trace.badLineCount) + ' lines made no sense');
      }
    });
  }

  if (reports.length > 0) {
    var trace = reports[0].trace;
    document.getElementById('about').textContent = trace.file + ': ' + count(trace.maps) +
      ' maps and ' + count(trace.unmaps) + ' unmaps over ' +
      (Math.round(trace.spanSeconds * 1000) / 1000) + ' s';
    numbers();
    notes();
    bars();
    draw('events');
  }
  document.getElementById('axis').addEventListener('change', function (event) {
    draw(event.target.value);
  });
}());
